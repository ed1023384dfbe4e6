// LayerScale (Touvron et al. 2021, "Going deeper with Image Transformers"): a learnt factor per channel.
#pragma once

#include <ATen/ATen.h>
#include <torch/nn/module.h>

namespace deepcode {

class LayerScale : public torch::nn::Module {
 public:
  LayerScale(int64_t dim, double init_value) {
    gamma = register_parameter("gamma", at::full({dim}, init_value));
  }

  // x [..., dim] -> [..., dim]
  at::Tensor Forward(const at::Tensor& x) const { return x * gamma; }

  at::Tensor gamma;  // [dim]
};

}  // namespace deepcode
