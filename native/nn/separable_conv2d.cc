#include "nn/separable_conv2d.h"

#include <ATen/ATen.h>

namespace deepcode {

SeparableConv2d::SeparableConv2d(int64_t in_channels, int64_t out_channels) {
  const DepthwiseConv2dOptions depthwise{in_channels, /*kernel=*/3, /*stride=*/1, /*padding=*/1,
                                         /*bias=*/false};
  const Conv2dOptions across{in_channels, out_channels, /*kernel=*/1, /*stride=*/1, /*padding=*/0};
  conv1 = register_module("conv1", std::make_shared<DepthwiseConv2d>(depthwise));
  pointwise = register_module("pointwise", std::make_shared<Conv2d>(across, /*bias=*/false));
}

at::Tensor SeparableConvNorm::Forward(const at::Tensor& x) const {
  return pointwise_.Forward(depthwise_->Forward(x));
}

at::Tensor SeparableConvNorm::ForwardRelu(const at::Tensor& x) const {
  return pointwise_.ForwardRelu(depthwise_->Forward(x));
}

at::Tensor SeparableConvNorm::ForwardAdded(const at::Tensor& x, const at::Tensor& other) const {
  return pointwise_.ForwardAdded(depthwise_->Forward(x), other);
}

}  // namespace deepcode
