#include "models/vit_weights.h"

#include <ATen/ATen.h>

#include <sstream>

#include "io/key_map.h"
#include "nn/position_embedding.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

bool Ignored(const Vit& vit, const std::string& name, const VitWeightsOptions& options) {
  for (const std::string& module : options.skipped_modules) {
    if (name.rfind(module + ".", 0) == 0) return true;
  }
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
  std::vector<std::string> expected, found;
  for (const auto& item : vit.named_parameters()) {
    if (!Ignored(vit, item.key(), options)) expected.push_back(item.key());
  }
  for (const std::string& name : weights.Names()) {
    if (!Ignored(vit, name, options)) found.push_back(name);
  }
  RequireKeys(expected, found, weights.file());
  auto parameters = vit.named_parameters();
  for (const std::string& name : expected) {
    cancel.ThrowIfCancelled();
    const at::Tensor value = Fit(vit, name, weights.LoadFinite(name, at::kFloat));
    Assign(parameters[name], value, name, weights);
  }
}

}  // namespace deepcode
