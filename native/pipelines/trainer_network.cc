#include "pipelines/trainer_network.h"

#include <ATen/ATen.h>

#include <set>

#include "models/vit_weights.h"
#include "nn/batch_norm_2d.h"
#include "optim/adam.h"
#include "optim/sgd.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

bool IsHead(const std::string& name) {
  return name.rfind("head.", 0) == 0 || name.rfind("head_dist.", 0) == 0;
}

std::set<std::string> TrainedNames(const Vit& vit, const TrainerSpec& spec) {
  std::set<std::string> names;
  if (spec.trainable == Trainable::kAdapter) {
    if (!spec.adapter) throw Error(ErrorCode::kConfig, "There is no adapter to train.");
    for (const AdapterTensor& tensor : AdapterTensors(vit, *spec.adapter)) names.insert(tensor.parameter);
    return names;
  }
  for (const auto& item : vit.named_parameters()) {
    const bool head = IsHead(item.key());
    if (spec.trainable == Trainable::kHead ? head : !(head && spec.freeze_head)) names.insert(item.key());
  }
  return names;
}

void LoadOrInit(Vit& vit, const TrainerSpec& spec, const at::Generator& generator,
                const CancelToken& cancel) {
  // Drawn in the same order whether or not weights are loaded, so that a seed means one head.
  if (!spec.weights) vit.InitWeights(generator);
  if (spec.new_head) vit.InitHead(generator);
  if (!spec.weights) return;
  VitWeightsOptions options;
  if (spec.new_head) options.skipped_modules = {"head", "head_dist"};
  LoadVitWeights(vit, MappedWeights::Open(*spec.weights), options, cancel);
}

// timm's rule: no decay for vectors, tokens and position embeddings.
bool Decays(const std::string& name, const at::Tensor& tensor) {
  static constexpr const char* kExempt[] = {"pos_embed", "cls_token", "reg_token", "dist_token"};
  for (const char* exempt : kExempt) {
    if (name == exempt) return false;
  }
  return tensor.dim() > 1;
}

}  // namespace

std::shared_ptr<Vit> BuildTrainerNetwork(const TrainerSpec& spec, const at::Generator& generator,
                                         const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  auto vit = std::make_shared<Vit>(spec.vit);
  LoadOrInit(*vit, spec, generator, cancel);
  if (spec.adapter) AttachAdapter(*vit, *spec.adapter, generator);
  if (spec.adapter && spec.adapter_weights) {
    LoadAdapter(*vit, *spec.adapter, MappedWeights::Open(*spec.adapter_weights), cancel);
  }
  vit->SetStochasticDepth(spec.drop_path);
  const std::set<std::string> trained = TrainedNames(*vit, spec);
  for (auto& item : vit->named_parameters()) {
    const bool train = trained.count(item.key()) > 0;
    const at::Tensor placed = item.value().to(spec.device);
    // A trained parameter needs memory of its own: a mapped file must not be written to.
    item.value().set_data(train ? placed.clone() : placed);
    item.value().set_requires_grad(train);
  }
  for (auto& item : vit->named_buffers()) item.value().set_data(item.value().to(spec.device).clone());
  // A stem that is not trained normalises as it does in evaluation mode.
  if (spec.trainable != Trainable::kAll) SetBatchStatistics(*vit, BatchStatistics::kRunning);
  return vit;
}

std::vector<OptimizedParameter> TrainedParameters(const Vit& vit) {
  std::vector<OptimizedParameter> parameters;
  for (const auto& item : vit.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    parameters.push_back({item.key(), item.value(), Decays(item.key(), item.value())});
  }
  return parameters;
}

std::unique_ptr<Optimizer> MakeOptimizer(const OptimizerSpec& spec,
                                         std::vector<OptimizedParameter> parameters) {
  if (spec.name == OptimizerName::kSgd) {
    return std::make_unique<Sgd>(std::move(parameters), SgdOptions{spec.momentum, spec.weight_decay});
  }
  const AdamOptions options{spec.weight_decay, spec.name == OptimizerName::kAdamW};
  return std::make_unique<Adam>(std::move(parameters), options);
}

}  // namespace deepcode
