// Multi-head attention with separate projections (Vaswani et al. 2017, equation 1) of tokens to
// themselves or to a context. Module names as diffusers' Attention: to_q, to_k, to_v, to_out.0.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/linear.h"

namespace deepcode {

struct CrossAttentionOptions {
  int64_t dim;          // a multiple of num_heads
  int64_t context_dim;  // width of the context
  int64_t num_heads;
  bool qkv_bias;
};

class CrossAttention : public torch::nn::Module {
 public:
  explicit CrossAttention(const CrossAttentionOptions& options);

  // residual + attention of x [N, L, dim] to context [N, M, context_dim] -> [N, L, dim]. An
  // undefined context means x itself.
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& context, const at::Tensor& residual);

  // Packs the projections for about this number of rows; with no rows of context, for attention of
  // tokens to themselves. From then on the weights must not be read, and the context is what was
  // said here.
  void Prepare(int64_t rows, int64_t context_rows);

 private:
  // Queries, keys and values: [N, L, dim] and twice [N, M, dim].
  std::vector<at::Tensor> Project(const at::Tensor& x, const at::Tensor& context);
  at::Tensor Heads(const at::Tensor& rows) const;  // [N, L, dim] -> [N, heads, L, dim / heads]

  const CrossAttentionOptions options_;
  std::shared_ptr<Linear> to_q_;
  std::shared_ptr<Linear> to_k_;
  std::shared_ptr<Linear> to_v_;
  std::shared_ptr<Linear> to_out_;
  // What Prepare makes of the three: one product of the tokens, or one of the context.
  std::shared_ptr<Linear> to_qkv_;
  std::shared_ptr<Linear> to_kv_;
};

}  // namespace deepcode
