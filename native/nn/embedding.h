// A table of vectors, looked up by index.
#pragma once

#include <torch/nn/module.h>

namespace deepcode {

class Embedding : public torch::nn::Module {
 public:
  Embedding(int64_t count, int64_t dim);

  // indices [...] int64, each below the count -> [..., dim]
  at::Tensor Forward(const at::Tensor& indices) const;

  at::Tensor weight;  // [count, dim]
};

}  // namespace deepcode
