#include "pipelines/trainer_state.h"

#include <ATen/ATen.h>

#include "io/key_map.h"
#include "io/mapped_weights.h"
#include "io/safetensors_writer.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr char kSteps[] = "optimizer.steps";
constexpr char kGenerator[] = "generator";

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Everything by its name in the file. Tensors of the model and the moments are the live ones.
NamedTensors Collect(const TrainerState& state) {
  NamedTensors tensors;
  for (const OptimizedParameter& p : state.parameters) {
    tensors.emplace_back("model." + p.name, p.tensor.detach());
  }
  for (const auto& [name, tensor] : state.buffers) tensors.emplace_back("buffer." + name, tensor);
  for (auto& [name, tensor] : state.optimizer.State()) {
    tensors.emplace_back("optimizer." + name, tensor);
  }
  tensors.emplace_back(kSteps, at::tensor({state.optimizer.steps()}, at::kLong));
  tensors.emplace_back(kGenerator, state.generator.get_state());
  return tensors;
}

void Check(const NamedTensors& expected, const MappedWeights& file) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : expected) names.push_back(name);
  RequireKeys(names, file.Names(), file.file());
  for (const auto& [name, tensor] : expected) {
    const TensorInfo& info = file.Info(name);
    if (tensor.sizes() == at::IntArrayRef(info.shape) && tensor.scalar_type() == info.dtype) continue;
    throw Error(ErrorCode::kWeightsShape, name + " in " + file.file() +
                                              " has another shape or dtype than this run's. "
                                              "Resume with the options of the first start.");
  }
}

}  // namespace

void SaveTrainerState(const std::filesystem::path& path, const TrainerState& state,
                      const std::map<std::string, std::string>& metadata) {
  at::NoGradGuard no_grad;
  WriteSafetensors(path, Collect(state), metadata);
}

std::map<std::string, std::string> RestoreTrainerState(const std::filesystem::path& path,
                                                       const TrainerState& state,
                                                       const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const MappedWeights file = MappedWeights::Open(path);
  const NamedTensors live = Collect(state);
  Check(live, file);
  NamedTensors loaded;  // read and checked as a whole before the first change
  for (const auto& [name, tensor] : live) {
    cancel.ThrowIfCancelled();
    const bool real = tensor.is_floating_point();
    loaded.emplace_back(name, real ? file.LoadFinite(name, at::kFloat) : file.View(name).clone());
  }
  for (size_t i = 0; i < live.size(); ++i) {
    const auto& [name, value] = loaded[i];
    if (name == kSteps) state.optimizer.set_steps(value.item<int64_t>());
    if (name == kGenerator) state.generator.set_state(value);
    if (value.is_floating_point()) at::Tensor(live[i].second).copy_(value);
  }
  return file.metadata();
}

}  // namespace deepcode
