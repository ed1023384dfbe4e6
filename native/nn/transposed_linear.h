// y = x W + b, with W as transformers' GPT-2 stores it ("Conv1D"): [in, out].
#pragma once

#include <torch/nn/module.h>

namespace deepcode {

class TransposedLinear : public torch::nn::Module {
 public:
  TransposedLinear(int64_t in_features, int64_t out_features);

  // x [..., in] -> [..., out]
  at::Tensor Forward(const at::Tensor& x) const;

  at::Tensor weight;  // [in, out]
  at::Tensor bias;    // [out]
};

}  // namespace deepcode
