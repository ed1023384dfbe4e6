#include "nn/group_norm.h"

#include <ATen/ATen.h>

namespace deepcode {

GroupNorm::GroupNorm(int64_t groups, int64_t channels, double eps) : groups_(groups), eps_(eps) {
  weight = register_parameter("weight", at::ones({channels}));
  bias = register_parameter("bias", at::zeros({channels}));
}

at::Tensor GroupNorm::Forward(const at::Tensor& x) const {
  return at::group_norm(x, groups_, weight, bias, eps_);
}

at::Tensor GroupNorm::ForwardActivated(const at::Tensor& x, Activation activation) const {
  at::Tensor normed = Forward(x);
  // In place where it can be: a large new tensor costs more than the arithmetic.
  return activation == Activation::kSilu ? at::silu_(normed) : Activate(normed, activation);
}

}  // namespace deepcode
