// The two-layer perceptron of a transformer block: fc2(norm(act(fc1(x)))); norm is optional.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/activation.h"
#include "nn/layer_norm.h"
#include "nn/lora_linear.h"

namespace deepcode {

struct MlpOptions {
  int64_t dim;
  int64_t hidden;
  bool bias;
  Activation activation;
  bool scale_norm;  // normalise the hidden activations (timm: scale_mlp_norm)
  double norm_eps;
};

class Mlp : public torch::nn::Module {
 public:
  explicit Mlp(const MlpOptions& options);

  // x [N, L, dim] -> [N, L, dim]
  at::Tensor Forward(const at::Tensor& x);

  // residual + Forward(x), fused where it can be.
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& residual);

  std::shared_ptr<LoraLinear> fc1;
  std::shared_ptr<LoraLinear> fc2;

 private:
  at::Tensor Hidden(const at::Tensor& x);  // what fc2 reads: [N, L, hidden]

  const Activation activation_;
  std::shared_ptr<LayerNorm> norm_;
};

}  // namespace deepcode
