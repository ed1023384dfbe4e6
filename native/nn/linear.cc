#include "nn/linear.h"

#include <ATen/ATen.h>

namespace deepcode {

Linear::Linear(int64_t in_features, int64_t out_features, bool with_bias)
    : in_features_(in_features), out_features_(out_features) {
  weight = register_parameter("weight", at::empty({out_features, in_features}));
  if (with_bias) bias = register_parameter("bias", at::empty({out_features}));
}

bool Linear::UsePacked() const { return packed_.has_value() && !at::GradMode::is_enabled(); }

at::Tensor Linear::Forward(const at::Tensor& x) {
  return UsePacked() ? packed_->Apply(x) : at::linear(x, weight, bias);
}

at::Tensor Linear::ForwardActivated(const at::Tensor& x, Activation activation) {
  if (UsePacked()) return packed_->ApplyActivated(x, activation);
  return Activate(Forward(x), activation);
}

at::Tensor Linear::ForwardAdded(const at::Tensor& x, const at::Tensor& other) {
  return UsePacked() ? packed_->ApplyAdded(x, other) : other + Forward(x);
}

at::Tensor Linear::ForwardMultiplied(const at::Tensor& x, const at::Tensor& other) {
  return UsePacked() ? packed_->ApplyMultiplied(x, other) : Forward(x) * other;
}

void Linear::Pack(int64_t rows) { packed_ = PackedLinear::Pack(weight, bias, rows); }

void Linear::PackOnly(int64_t rows) {
  Pack(rows);
  if (packed_) weight.set_data(at::empty({0}, weight.options()));
}

}  // namespace deepcode
