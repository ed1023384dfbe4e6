#include "models/blazeface.h"

#include <ATen/ATen.h>

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kFirstBlock = 2;  // its name in the backbone; 0 is the stem, 1 an activation
constexpr int64_t kKernel = 3;

std::shared_ptr<Conv2d> Pointwise(int64_t in, int64_t out) {
  return std::make_shared<Conv2d>(
      Conv2dOptions{in, out, /*kernel=*/1, /*stride=*/1, /*padding=*/0});
}

// Channels last, so that a cell's anchors and an anchor's values lie side by side.
at::Tensor PerAnchor(const Conv2d& head, const at::Tensor& features, int64_t values) {
  const at::Tensor rows = head.Forward(features).permute({0, 2, 3, 1});
  return rows.reshape({features.size(0), -1, values}).to(at::kCPU, at::kFloat);
}

void CheckPixels(const at::Tensor& pixels) {
  const int64_t side = BlazeFace::kImageSize;
  if (pixels.dim() == 4 && pixels.size(1) == 3 && pixels.size(2) == side &&
      pixels.size(3) == side) {
    return;
  }
  throw Error(ErrorCode::kShape, "Expected images of 3 x 256 x 256 for BlazeFace.");
}

}  // namespace

BlazeBlock::BlazeBlock(int64_t in_channels, int64_t out_channels, int64_t stride, bool shortcut)
    : added_channels_(out_channels - in_channels), stride_(stride), shortcut_(shortcut) {
  const auto convs = register_module("convs", std::make_shared<torch::nn::Module>());
  depthwise_ = convs->register_module(
      "0", std::make_shared<DepthwiseConv2d>(DepthwiseConv2dOptions{
               in_channels, kKernel, stride, /*padding=*/stride == 2 ? 0 : 1, /*bias=*/true}));
  pointwise_ = convs->register_module("1", Pointwise(in_channels, out_channels));
}

at::Tensor BlazeBlock::Forward(const at::Tensor& x) const {
  const at::Tensor padded = stride_ == 2 ? at::constant_pad_nd(x, {0, 1, 0, 1}) : x;
  const at::Tensor own = depthwise_->Forward(padded);
  if (!shortcut_) return pointwise_->Forward(own).relu_();
  return pointwise_->ForwardAdded(own, Shortcut(x)).relu_();
}

FeatureSize BlazeBlock::Prepare(FeatureSize size) {
  const FeatureSize output{size.batch, size.height / stride_, size.width / stride_};
  pointwise_->Prepare(output);
  return output;
}

at::Tensor BlazeBlock::Shortcut(const at::Tensor& x) const {
  const at::Tensor pooled = stride_ == 2 ? at::max_pool2d(x, 2, 2) : x;
  return added_channels_ == 0 ? pooled
                              : at::constant_pad_nd(pooled, {0, 0, 0, 0, 0, added_channels_});
}

BlazeFace::BlazeFace(const BlazeFaceOptions& o) {
  if (o.narrow < 1 || o.middle < o.narrow || o.wide < o.middle) {
    throw Error(ErrorCode::kConfig, "BlazeFace's channels must be at least 1 and not decrease.");
  }
  AddBlocks(o);
  final_ = register_module("final", std::make_shared<BlazeBlock>(o.wide, o.wide, 2, false));
  classifier_8_ = register_module("classifier_8", Pointwise(o.wide, 2));
  classifier_16_ = register_module("classifier_16", Pointwise(o.wide, 6));
  regressor_8_ = register_module("regressor_8", Pointwise(o.wide, 2 * kValues));
  regressor_16_ = register_module("regressor_16", Pointwise(o.wide, 6 * kValues));
}

void BlazeFace::AddBlocks(const BlazeFaceOptions& o) {
  const auto backbone = register_module("backbone", std::make_shared<torch::nn::Module>());
  stem_ = backbone->register_module(
      "0", std::make_shared<Conv2d>(
               Conv2dOptions{3, o.narrow, /*kernel=*/5, /*stride=*/2, /*padding=*/0}));
  int64_t channels = o.narrow;
  const auto add = [&](int64_t out, int64_t stride) {
    const std::string name = std::to_string(kFirstBlock + static_cast<int64_t>(blocks_.size()));
    blocks_.push_back(backbone->register_module(
        name, std::make_shared<BlazeBlock>(channels, out, stride, /*shortcut=*/true)));
    channels = out;
  };
  for (int i = 0; i < 7; ++i) add(o.narrow, 1);
  for (const int64_t out : {o.narrow, o.middle, o.wide}) {
    add(out, 2);
    for (int i = 0; i < 7; ++i) add(out, 1);
  }
}

void BlazeFace::Prepare(int64_t batch) {
  FeatureSize size{batch, kImageSize + 3, kImageSize + 3};  // with its padding
  stem_->Prepare(size);
  size = stem_->OutputSize(size);
  for (const auto& block : blocks_) size = block->Prepare(size);
  for (const auto& head : {classifier_8_, regressor_8_}) head->Prepare(size);
  size = final_->Prepare(size);
  for (const auto& head : {classifier_16_, regressor_16_}) head->Prepare(size);
}

BlazeFace::Output BlazeFace::Forward(const at::Tensor& pixels, const CancelToken& cancel) const {
  CheckPixels(pixels);
  at::Tensor x = stem_->Forward(at::constant_pad_nd(pixels, {1, 2, 1, 2})).relu_();
  for (const auto& block : blocks_) {
    cancel.ThrowIfCancelled();
    x = block->Forward(x);
  }
  const at::Tensor coarse = final_->Forward(x);  // [N, wide, 8, 8]
  const at::Tensor scores =
      at::cat({PerAnchor(*classifier_8_, x, 1), PerAnchor(*classifier_16_, coarse, 1)}, 1)
          .squeeze(2);
  const at::Tensor values = at::cat(
      {PerAnchor(*regressor_8_, x, kValues), PerAnchor(*regressor_16_, coarse, kValues)}, 1);
  if (!at::isfinite(scores).all().item<bool>() || !at::isfinite(values).all().item<bool>()) {
    throw Error(ErrorCode::kNonfinite, "The face detector's output is NaN or infinite. Try fp32.");
  }
  return {scores, values};
}

}  // namespace deepcode
