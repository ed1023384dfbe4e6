// A linear layer whose weight lies in oneDNN's blocked layout: on a CPU the product is faster than the
// plain one, and GELU or a residual sum is computed while the result is still in cache. For inference
// only: there is no backward, and the packed copy does not follow changes of the weight.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "nn/activation.h"

namespace deepcode {

class PackedLinear {
 public:
  // Packs weight [out, in] for inputs of about `rows` rows. Empty where this libtorch, device or dtype
  // has no packed kernel; the caller then multiplies the plain way.
  static std::optional<PackedLinear> Pack(const at::Tensor& weight, const at::Tensor& bias, int64_t rows);

  // x [..., in] -> [..., out]
  at::Tensor Apply(const at::Tensor& x) const;

  // activation(Apply(x)), fused where the kernel has this activation.
  at::Tensor ApplyActivated(const at::Tensor& x, Activation activation) const;

  // Apply(x) + other, fused. other [..., out]
  at::Tensor ApplyAdded(const at::Tensor& x, const at::Tensor& other) const;

  // Apply(x) * other, fused. other [..., out]
  at::Tensor ApplyMultiplied(const at::Tensor& x, const at::Tensor& other) const;

 private:
  PackedLinear(at::Tensor weight, at::Tensor bias);
  at::Tensor RunBinary(const at::Tensor& x, const at::Tensor& other, const char* operation) const;
  at::Tensor Run(const at::Tensor& x, const char* post_op, const char* algorithm) const;

  at::Tensor weight_;
  at::Tensor bias_;  // may be undefined
};

}  // namespace deepcode
