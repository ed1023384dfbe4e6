// A depthwise convolution of 3 x 3, then a 1 x 1 convolution across channels (Chollet 2017), both
// without bias, and the batch norm behind them.
// Module names conv1 and pointwise, as in Cadene's and timm's Xception; the norm stands outside.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/conv_norm.h"
#include "nn/depthwise_conv2d.h"

namespace deepcode {

class SeparableConv2d : public torch::nn::Module {
 public:
  SeparableConv2d(int64_t in_channels, int64_t out_channels);

  std::shared_ptr<DepthwiseConv2d> conv1;
  std::shared_ptr<Conv2d> pointwise;
};

// As ConvNorm, with a separable convolution. Maps keep their height and width.
class SeparableConvNorm {
 public:
  SeparableConvNorm() = default;
  SeparableConvNorm(const SeparableConv2d& conv, std::shared_ptr<BatchNorm2d> norm)
      : depthwise_(conv.conv1), pointwise_(conv.pointwise, std::move(norm)) {}

  at::Tensor Forward(const at::Tensor& x) const;
  at::Tensor ForwardRelu(const at::Tensor& x) const;
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& other) const;
  void Fold() { pointwise_.Fold(); }
  FeatureSize Prepare(FeatureSize size) { return pointwise_.Prepare(size); }

 private:
  std::shared_ptr<DepthwiseConv2d> depthwise_;
  ConvNorm pointwise_;
};

}  // namespace deepcode
