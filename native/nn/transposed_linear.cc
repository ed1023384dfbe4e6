#include "nn/transposed_linear.h"

#include <ATen/ATen.h>

namespace deepcode {

TransposedLinear::TransposedLinear(int64_t in_features, int64_t out_features) {
  weight = register_parameter("weight", at::empty({in_features, out_features}));
  bias = register_parameter("bias", at::empty({out_features}));
}

at::Tensor TransposedLinear::Forward(const at::Tensor& x) const {
  return at::linear(x, weight.t(), bias);
}

}  // namespace deepcode
