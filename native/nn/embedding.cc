#include "nn/embedding.h"

#include <ATen/ATen.h>

namespace deepcode {

Embedding::Embedding(int64_t count, int64_t dim) {
  weight = register_parameter("weight", at::empty({count, dim}));
}

at::Tensor Embedding::Forward(const at::Tensor& indices) const {
  return at::embedding(weight, indices);
}

}  // namespace deepcode
