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

at::Tensor GroupNorm::ForwardActivated(const at::Tensor& x, const at::Tensor& shift,
                                       Activation activation) const {
  const at::Tensor shifted = shift.defined() ? x + shift.unsqueeze(-1).unsqueeze(-1) : x;
  return Activate(Forward(shifted), activation);
}

}  // namespace deepcode
