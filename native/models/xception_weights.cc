#include "models/xception_weights.h"

#include <ATen/ATen.h>

#include "io/key_map/xception_names.h"
#include "nn/batch_norm_2d.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// A view of a mapped file must not be trained, and a file that somebody truncates ends the process.
void OwnMemory(torch::nn::Module& module) {
  for (at::Tensor& parameter : module.parameters()) parameter.set_data(parameter.detach().clone());
  for (at::Tensor& buffer : module.buffers()) buffer.set_data(buffer.detach().clone());
}

void Load(torch::nn::Module& module, const MappedWeights& weights, WeightsPlace place,
          const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  LoadModuleWeights(module, weights,
                    {.prefix = "",
                     .key = nullptr,
                     .ignored = {},
                     .dtype = place.dtype,
                     .device = place.device},
                    cancel);
  CheckVariances(module, weights.file());
  OwnMemory(module);
}

MappedWeights WithoutClassifier(const MappedWeights& weights) {
  TensorNames names;
  for (const std::string& name : weights.Names()) {
    if (!name.starts_with("fc.")) names[name] = {name};
  }
  return weights.Renamed(names);
}

void CopyInto(torch::nn::Module& target, const torch::nn::Module& source) {
  auto parameters = target.named_parameters();
  for (const auto& item : source.named_parameters()) parameters[item.key()].copy_(item.value());
  auto buffers = target.named_buffers();
  for (const auto& item : source.named_buffers()) buffers[item.key()].copy_(item.value());
}

}  // namespace

void LoadXceptionWeights(Xception& xception, const MappedWeights& weights, WeightsPlace place,
                         const CancelToken& cancel) {
  const bool adjusted = xception.options().adjust_channels > 0;
  Load(xception, weights.Renamed(XceptionNames(weights.Names(), adjusted)), place, cancel);
}

void LoadFairDetectorWeights(FairDetector& detector, const MappedWeights& weights,
                             WeightsPlace place, const CancelToken& cancel) {
  const bool prediction_only = detector.encoders()[1] == nullptr;
  const TensorNames names = FairDetectorNames(weights.Names(), prediction_only);
  Load(detector, weights.Renamed(names), place, cancel);
}

void LoadEncoders(FairDetector& detector, const MappedWeights& weights, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  XceptionOptions options = detector.options().encoder();
  options.adjust_channels = 0;
  Xception source(options);
  const MappedWeights renamed = weights.Renamed(XceptionNames(weights.Names(), /*adjusted=*/false));
  Load(source, WithoutClassifier(renamed), {at::kFloat, at::kCPU}, cancel);
  for (Xception* encoder : detector.encoders()) CopyInto(*encoder, source);
}

}  // namespace deepcode
