#include "nn/transposed_linear.h"

#include <ATen/ATen.h>

namespace deepcode {

TransposedLinear::TransposedLinear(int64_t in_features, int64_t out_features) {
  weight = register_parameter("weight", at::empty({in_features, out_features}));
  bias = register_parameter("bias", at::empty({out_features}));
}

at::Tensor TransposedLinear::Forward(const at::Tensor& x) const {
  return packed_ ? packed_->Apply(x) : at::linear(x, weight.t(), bias);
}

at::Tensor TransposedLinear::ForwardActivated(const at::Tensor& x, Activation activation) const {
  return packed_ ? packed_->ApplyActivated(x, activation) : Activate(Forward(x), activation);
}

at::Tensor TransposedLinear::ForwardAdded(const at::Tensor& x, const at::Tensor& other) const {
  return packed_ ? packed_->ApplyAdded(x, other) : other + Forward(x);
}

void TransposedLinear::PackOnly(int64_t rows) {
  packed_ = PackedLinear::Pack(weight.t(), bias, rows);
  if (packed_) weight.set_data(at::empty({0}, weight.options()));
}

}  // namespace deepcode
