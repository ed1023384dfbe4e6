// Layer normalisation over the last dimension (Ba et al. 2016), with weight and bias.
#pragma once

#include <torch/nn/module.h>

namespace deepcode {

class LayerNorm : public torch::nn::Module {
 public:
  LayerNorm(int64_t dim, double eps);

  // x [..., dim] -> [..., dim]
  at::Tensor Forward(const at::Tensor& x) const;

  at::Tensor weight;  // [dim]
  at::Tensor bias;    // [dim]

 private:
  const double eps_;
};

}  // namespace deepcode
