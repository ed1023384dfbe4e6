// A square convolution over feature maps, with an optional packed copy of its weight for inference.
#pragma once

#include <torch/nn/module.h>

#include <optional>

#include "nn/feature_size.h"
#include "nn/packed_conv2d.h"

namespace deepcode {

struct Conv2dOptions {
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel;   // height and width
  int64_t stride;
  int64_t padding;  // zeros on each side
};

class Conv2d : public torch::nn::Module {
 public:
  // bias: false for a convolution that a norm follows.
  explicit Conv2d(const Conv2dOptions& options, bool bias = true);

  // x [N, in, h, w] -> [N, out, h', w']
  at::Tensor Forward(const at::Tensor& x) const;

  // relu(Forward(x)), fused where there is a packed copy.
  at::Tensor ForwardRelu(const at::Tensor& x) const;

  // Forward(x) + other, fused where there is a packed copy. other [N, out, h', w']
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& other) const;

  // From now on gives Forward(x) * scale + shift, both [out]: the weight changes, and there is a
  // bias.
  void ScaleAndShift(const at::Tensor& scale, const at::Tensor& shift);

  // Lays the weight out for inputs of about `size`, channels-last. Where that makes a packed copy,
  // the weight itself is given up and must not be read.
  void Prepare(FeatureSize size);

  // The size of the output for an input of `size`.
  FeatureSize OutputSize(FeatureSize size) const;

  const Conv2dOptions& options() const { return options_; }

  at::Tensor weight;  // [out, in, kernel, kernel]
  at::Tensor bias;    // [out], undefined without bias

 private:
  const Conv2dOptions options_;
  std::optional<PackedConv2d> packed_;
};

}  // namespace deepcode
