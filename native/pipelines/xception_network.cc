#include "pipelines/xception_network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/xception_weights.h"

namespace deepcode {

FeatureSize ConvolutionNetwork::grid() const {
  const ImageShape shape = image();
  return {1, XceptionFeatureSide(shape.height), XceptionFeatureSide(shape.width)};
}

NetworkScores ConvolutionNetwork::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  return Classify(Maps(pixels, cancel));
}

at::Tensor ConvolutionNetwork::Heatmap(const at::Tensor& pixels, double direction,
                                       const CancelToken& cancel) {
  at::Tensor maps;
  {
    // The gradient is wanted with respect to the maps only: what makes them may stay packed.
    at::NoGradGuard no_grad;
    maps = Maps(pixels, cancel);
  }
  at::AutoGradMode grad(true);
  maps.requires_grad_(true);
  const at::Tensor score = DirectedScore(Classify(maps).logits, direction);
  const at::Tensor gradient = torch::autograd::grad({score}, {maps}).front();
  const at::Tensor weights = gradient.mean({2, 3}, /*keepdim=*/true);  // alpha, equation 1
  return (weights * maps.detach()).sum(1).relu();                       // equation 2
}

XceptionNetwork::XceptionNetwork(const XceptionNetworkSpec& spec, const std::string& weights,
                                 const CancelToken& cancel)
    : spec_(spec), xception_(spec.xception) {
  LoadXceptionWeights(xception_, MappedWeights::Open(weights), {at::kFloat, at::kCPU}, cancel);
  xception_.Fold();
}

ImageShape XceptionNetwork::image() const {
  return {spec_.xception.in_channels, spec_.image_height, spec_.image_width};
}

void XceptionNetwork::Prepare(int64_t batch) {
  xception_.Prepare({batch, spec_.image_height, spec_.image_width});
}

at::Tensor XceptionNetwork::Maps(const at::Tensor& pixels, const CancelToken& cancel) {
  return xception_.Features(pixels, cancel);
}

NetworkScores XceptionNetwork::Classify(const at::Tensor& maps) {
  const XceptionOutput output = xception_.Classify(maps);
  return {output.features, output.logits};
}

FairNetwork::FairNetwork(const FairDetectorOptions& options, const std::string& weights,
                         const CancelToken& cancel)
    : detector_(options) {
  detector_.KeepPrediction();
  LoadFairDetectorWeights(detector_, MappedWeights::Open(weights), {at::kFloat, at::kCPU}, cancel);
  detector_.Fold();
}

ImageShape FairNetwork::image() const {
  const FairDetectorOptions& o = detector_.options();
  return {o.in_channels, o.image_height, o.image_width};
}

at::Tensor FairNetwork::Maps(const at::Tensor& pixels, const CancelToken& cancel) {
  return detector_.CommonMaps(pixels, cancel);
}

NetworkScores FairNetwork::Classify(const at::Tensor& maps) {
  const FairHeadOutput output = detector_.ClassifyFused(maps);
  return {output.features, output.logits};
}

}  // namespace deepcode
