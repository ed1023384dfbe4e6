// The feed-forward layer of a transformer block with a gated linear unit (Shazeer 2020, "GLU
// Variants Improve Transformer", equation 6): net.2(value * gelu(gate)), where net.0.proj gives
// value and gate.
// Module names as diffusers' FeedForward.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/linear.h"

namespace deepcode {

class FeedForward : public torch::nn::Module {
 public:
  // The hidden layer is four times as wide as `dim`.
  explicit FeedForward(int64_t dim);

  // residual + layer(x). x and residual [N, L, dim]
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& residual);

  // Packs for about this number of rows. From then on the weights must not be read.
  void Prepare(int64_t rows);

 private:
  at::Tensor Hidden(const at::Tensor& x);  // [N, L, 4 dim]

  std::shared_ptr<Linear> proj_;  // value, then gate
  std::shared_ptr<Linear> out_;
  // The halves of proj_ where they are packed, which makes gate and product part of the
  // multiplications.
  std::shared_ptr<Linear> value_;
  std::shared_ptr<Linear> gate_;
};

}  // namespace deepcode
