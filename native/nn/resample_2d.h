// Halving and doubling of feature maps. Module names as diffusers' Downsample2D and Upsample2D.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <optional>

#include "nn/conv2d.h"
#include "nn/upsample_conv2d.h"

namespace deepcode {

// A 3 x 3 convolution of stride 2.
class Downsample2d : public torch::nn::Module {
 public:
  // With padding 0 one row and one column of zeros are added below and to the right.
  Downsample2d(int64_t channels, int64_t padding);

  // x [N, C, h, w] -> [N, C, h', w'], where h' is h / 2 rounded up (padding 1) or down (padding 0).
  at::Tensor Forward(const at::Tensor& x) const;

  // Returns the output's size.
  FeatureSize Prepare(FeatureSize size);

 private:
  std::shared_ptr<Conv2d> conv_;
};

// Nearest-neighbour interpolation to twice the size, then a 3 x 3 convolution.
class Upsample2d : public torch::nn::Module {
 public:
  explicit Upsample2d(int64_t channels);

  // x [N, C, h, w] -> [N, C, height, width]
  at::Tensor Forward(const at::Tensor& x, int64_t height, int64_t width) const;

  // Returns the size of a doubled output.
  FeatureSize Prepare(FeatureSize size);

 private:
  std::shared_ptr<Conv2d> conv_;            // the plain way, for outputs that are not doubled
  std::optional<UpsampleConv2d> doubling_;  // both steps in one
};

}  // namespace deepcode
