// y = x W + b, with W as transformers' GPT-2 stores it ("Conv1D"): [in, out]; with an optional
// packed copy of W for inference.
#pragma once

#include <torch/nn/module.h>

#include <optional>

#include "nn/activation.h"
#include "nn/packed_linear.h"

namespace deepcode {

class TransposedLinear : public torch::nn::Module {
 public:
  TransposedLinear(int64_t in_features, int64_t out_features);

  // x [..., in] -> [..., out]
  at::Tensor Forward(const at::Tensor& x) const;

  // activation(Forward(x)) [..., out], fused where the packed kernel can.
  at::Tensor ForwardActivated(const at::Tensor& x, Activation activation) const;

  // other + Forward(x) [..., out], fused where there is a packed copy.
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& other) const;

  // Makes the packed copy for inputs of about `rows` rows, where there is a packed kernel; the
  // weight itself is then given up and must not be read. For inference only.
  void PackOnly(int64_t rows);

  at::Tensor weight;  // [in, out]
  at::Tensor bias;    // [out]

 private:
  std::optional<PackedLinear> packed_;
};

}  // namespace deepcode
