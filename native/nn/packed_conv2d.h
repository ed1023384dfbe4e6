// A convolution whose weight lies in oneDNN's blocked layout: what PackedLinear is to a linear
// layer. Input and output are channels-last. For inference only.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "nn/feature_size.h"

namespace deepcode {

class PackedConv2d {
 public:
  // Packs weight [out, in, kh, kw] for inputs of about `size`. Empty where this libtorch, device or
  // dtype has no packed kernel; the caller then convolves the plain way.
  static std::optional<PackedConv2d> Pack(const at::Tensor& weight, const at::Tensor& bias, int64_t stride,
                                          int64_t padding, FeatureSize size);

  // x [N, in, h, w] -> [N, out, h', w']
  at::Tensor Apply(const at::Tensor& x) const;

  // relu(Apply(x)), fused.
  at::Tensor ApplyRelu(const at::Tensor& x) const;

  // Apply(x) + other, fused. other [N, out, h', w']
  at::Tensor ApplyAdded(const at::Tensor& x, const at::Tensor& other) const;

 private:
  PackedConv2d(at::Tensor weight, at::Tensor bias, int64_t stride, int64_t padding);
  at::Tensor ApplyActivated(const at::Tensor& x, const char* activation) const;

  at::Tensor weight_;
  at::Tensor bias_;  // may be undefined
  int64_t stride_;
  int64_t padding_;
};

}  // namespace deepcode
