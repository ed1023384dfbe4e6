// Group normalisation (Wu & He 2018) over channels and positions, alone or followed by an
// activation.
#pragma once

#include <torch/nn/module.h>

#include "nn/activation.h"

namespace deepcode {

class GroupNorm : public torch::nn::Module {
 public:
  GroupNorm(int64_t groups, int64_t channels, double eps);

  // x [N, channels, h, w] -> the same shape
  at::Tensor Forward(const at::Tensor& x) const;

  // activation(Forward(x))
  at::Tensor ForwardActivated(const at::Tensor& x, Activation activation) const;

  at::Tensor weight;  // [channels]
  at::Tensor bias;    // [channels]

 private:
  const int64_t groups_;
  const double eps_;
};

}  // namespace deepcode
