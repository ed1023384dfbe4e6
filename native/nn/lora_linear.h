// A linear layer that may carry a low-rank adapter (LoRA).
//
// Paper: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", equation 3:
//   h = W0 x + b + scale * B A dropout(x)
// Semantics are those of PEFT's lora.Linear: scale = alpha / r, or alpha / sqrt(r) for rank-stabilised
// LoRA (Kalajdzievski 2023); A starts from kaiming_uniform(a = sqrt(5)), B from zeros.
//   lora_A.weight [r, in]   A
//   lora_B.weight [out, r]  B
// The children are registered under PEFT's names, so that "<layer>.lora_A.weight" is the parameter's
// name here and, after PEFT's prefix, in an adapter file.
#pragma once

#include <ATen/core/Generator.h>

#include <memory>

#include "nn/linear.h"

namespace deepcode {

struct LoraOptions {
  int64_t rank;    // >= 1
  double scale;    // what B A is multiplied by
  double dropout;  // 0 <= p < 1, on the adapter's input, in training mode only
};

class LoraLinear : public Linear {
 public:
  using Linear::Linear;

  at::Tensor Forward(const at::Tensor& x) override;

  // Adds an adapter whose initial output is zero; the generator initialises A. Throws ERR_CONFIG when
  // the layer already carries one.
  void AttachAdapter(const LoraOptions& options, const at::Generator& generator);

  // What dropout masks are drawn from; on the weights' device.
  void SetGenerator(const at::Generator& generator) { generator_ = generator; }

  // W + scale * B A, computed in fp32 and returned in W's dtype: [out, in].
  at::Tensor MergedWeight() const;

  // Replaces the weight by MergedWeight() and drops the adapter. The old weight is left untouched, so
  // it may be a view of a mapped file.
  void Merge();

  bool has_adapter() const { return lora_a_ != nullptr; }

 private:
  at::Tensor AddAdapter(at::Tensor base, const at::Tensor& rows);  // rows [M, in], base [M, out]

  std::shared_ptr<Linear> lora_a_;
  std::shared_ptr<Linear> lora_b_;
  LoraOptions options_{};
  at::Generator generator_;
};

}  // namespace deepcode
