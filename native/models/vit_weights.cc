#include "models/vit_weights.h"

#include <ATen/ATen.h>

#include <map>
#include <sstream>

#include "io/key_map.h"
#include "nn/batch_norm_2d.h"
#include "nn/position_embedding.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// PyTorch's batch norms count their steps; nothing here reads that.
bool IsStepCount(const std::string& name) { return name.ends_with(".num_batches_tracked"); }

bool Ignored(const Vit& vit, const std::string& name, const VitWeightsOptions& options) {
  for (const std::string& module : options.skipped_modules) {
    if (name.rfind(module + ".", 0) == 0) return true;
  }
  if (IsStepCount(name)) return true;
  return vit.options().representation_size == 0 && name.rfind("pre_logits.", 0) == 0;
}

at::Tensor Fit(const Vit& vit, const std::string& name, const at::Tensor& stored) {
  const VitOptions& o = vit.options();
  if (name != "pos_embed" || stored.dim() != 3 || stored.size(0) != 1) return stored;
  if (stored.size(1) <= o.embedded_prefix()) return stored;
  const Grid grid{o.grid_height(), o.grid_width()};
  const bool same_count = stored.size(1) == o.embedded_prefix() + o.num_patches();
  const std::optional<Grid> old_grid = same_count ? std::optional<Grid>(grid) : std::nullopt;
  return ResamplePositionEmbedding(stored, grid, old_grid, o.embedded_prefix());
}

void Assign(at::Tensor parameter, const at::Tensor& value, const std::string& name,
            const MappedWeights& weights) {
  if (parameter.sizes() != value.sizes()) {
    std::ostringstream message;
    message << "Expected " << parameter.sizes() << " for " << name << " but received "
            << value.sizes() << " in " << weights.file() << ". Check the model's config.json.";
    throw Error(ErrorCode::kWeightsShape, message.str());
  }
  parameter.set_data(value);
}

}  // namespace

void LoadVitWeights(Vit& vit, const MappedWeights& weights, const VitWeightsOptions& options,
                    const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> tensors;
  for (const auto& items : {vit.named_parameters(), vit.named_buffers()}) {
    for (const auto& item : items) {
      if (!Ignored(vit, item.key(), options)) tensors.emplace(item.key(), item.value());
    }
  }
  std::vector<std::string> expected, found;
  for (const auto& [name, tensor] : tensors) expected.push_back(name);
  for (const std::string& name : weights.Names()) {
    if (!Ignored(vit, name, options)) found.push_back(name);
  }
  RequireKeys(expected, found, weights.file());
  for (const auto& [name, tensor] : tensors) {
    cancel.ThrowIfCancelled();
    const at::Tensor value = Fit(vit, name, weights.LoadFinite(name, at::kFloat));
    Assign(tensor, value, name, weights);
  }
  CheckVariances(vit, weights.file());
}

}  // namespace deepcode
