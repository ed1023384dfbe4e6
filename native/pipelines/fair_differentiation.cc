#include "pipelines/fair_differentiation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "models/xception_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

NamedTensors Named(const FairDetectorOutput& output) {
  NamedTensors named{{"content", output.content},
                     {"self_reconstruction", output.self_reconstruction},
                     {"cross_reconstruction", output.cross_reconstruction}};
  const auto add = [&](const std::string& name, const FairHeadOutput& head) {
    if (!head.logits.defined()) return;
    named[name + "_features"] = head.features;
    named[name + "_logits"] = head.logits;
  };
  add("common", output.common);
  add("specific", output.specific);
  add("demographic", output.demographic);
  add("fused", output.fused);
  return named;
}

at::Tensor WeightedSum(const NamedTensors& outputs, const NamedTensors& weights) {
  at::Tensor sum = at::zeros({});
  for (const auto& [name, weight] : weights) {
    const auto output = outputs.find(name);
    if (output == outputs.end() || output->second.numel() != weight.numel()) {
      throw Error(ErrorCode::kShape, "Expected weights of the size of an output for " + name + ".");
    }
    sum = sum + (output->second * weight.view(output->second.sizes())).sum();
  }
  return sum;
}

NamedTensors Copied(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies[name] = tensor.detach().contiguous().clone();
  return copies;
}

void SetMode(FairDetector& detector, FairMode mode) {
  detector.train(mode.has_value());
  if (mode) detector.SetStatistics(*mode);
}

}  // namespace

FairGradients DifferentiateFairDetector(const FairDetectorOptions& options, const std::string& file,
                                        FairMode mode, const at::Tensor& pixels,
                                        const NamedTensors& weights, const CancelToken& cancel) {
  if (options.head_dropout != 0 || options.decoder_dropout != 0) {
    throw Error(ErrorCode::kConfig, "A comparison needs a network without dropout.");
  }
  FairDetector detector(options);
  LoadFairDetectorWeights(detector, MappedWeights::Open(file), {at::kFloat, at::kCPU}, cancel);
  SetMode(detector, mode);
  for (at::Tensor& parameter : detector.parameters()) parameter.set_requires_grad(true);
  at::AutoGradMode grad(true);
  const NamedTensors outputs = Named(detector.Forward(pixels, cancel));
  if (!weights.empty()) WeightedSum(outputs, weights).backward();
  NamedTensors gradients, buffers;
  for (const auto& item : detector.named_parameters()) {
    if (item.value().grad().defined()) gradients[item.key()] = item.value().grad();
  }
  for (const auto& item : detector.named_buffers()) buffers[item.key()] = item.value();
  return {Copied(outputs), Copied(gradients), Copied(buffers)};
}

}  // namespace deepcode
