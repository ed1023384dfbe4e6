#include "nn/resample_2d.h"

#include <ATen/ATen.h>

#include <array>

namespace deepcode {

Downsample2d::Downsample2d(int64_t channels, int64_t padding) {
  conv_ = register_module(
      "conv", std::make_shared<Conv2d>(Conv2dOptions{channels, channels, 3, 2, padding}));
}

at::Tensor Downsample2d::Forward(const at::Tensor& x) const {
  if (conv_->options().padding > 0) return conv_->Forward(x);
  return conv_->Forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
}

FeatureSize Downsample2d::Prepare(FeatureSize size) {
  const int64_t extra = conv_->options().padding > 0 ? 0 : 1;
  const FeatureSize padded{size.batch, size.height + extra, size.width + extra};
  conv_->Prepare(padded);
  return conv_->OutputSize(padded);
}

Upsample2d::Upsample2d(int64_t channels) {
  conv_ =
      register_module("conv", std::make_shared<Conv2d>(Conv2dOptions{channels, channels, 3, 1, 1}));
}

at::Tensor Upsample2d::Forward(const at::Tensor& x, int64_t height, int64_t width) const {
  if (doubling_ && height == 2 * x.size(2) && width == 2 * x.size(3)) return doubling_->Apply(x);
  const std::array<int64_t, 2> size{height, width};
  return conv_->Forward(at::upsample_nearest2d(x, size));
}

FeatureSize Upsample2d::Prepare(FeatureSize size) {
  const FeatureSize doubled{size.batch, 2 * size.height, 2 * size.width};
  doubling_ = UpsampleConv2d::Pack(conv_->weight, conv_->bias, size);
  if (!doubling_) conv_->Prepare(doubled);
  return doubled;
}

}  // namespace deepcode
