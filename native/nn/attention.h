// Multi-head self-attention with a fused qkv projection (Vaswani et al. 2017, equation 1), as
// timm's Attention; `causal` is for CLIP's text encoder. Optionally gives its weights back, with
// their gradient, for attention rollout.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <tuple>

#include "nn/layer_norm.h"
#include "nn/lora_linear.h"

namespace deepcode {

struct AttentionOptions {
  int64_t dim;
  int64_t num_heads;  // divides dim
  bool qkv_bias;
  bool proj_bias;
  bool qk_norm;     // normalise queries and keys per head
  bool scale_norm;  // normalise the heads' joint output before proj (timm: scale_attn_norm)
  bool causal;      // a token gathers from itself and the tokens before it only
  double norm_eps;
};

class Attention : public torch::nn::Module {
 public:
  explicit Attention(const AttentionOptions& options);

  // x [N, L, dim] -> [N, queries, dim]: what the first `queries` tokens, 1 to L, gather from all.
  // With `weights` not null the softmax matrix [N, heads, queries, L] is computed explicitly and
  // stored there, part of the autograd graph; otherwise it is never formed.
  at::Tensor Forward(const at::Tensor& x, int64_t queries, at::Tensor* weights);

  // residual + Forward(x, queries, weights), fused where it can be. residual [N, queries, dim]
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& residual, at::Tensor* weights);

  std::shared_ptr<LoraLinear> qkv;
  std::shared_ptr<LoraLinear> proj;

 private:
  // What proj reads: [N, queries, dim].
  at::Tensor Mix(const at::Tensor& x, int64_t queries, at::Tensor* weights);
  std::tuple<at::Tensor, at::Tensor, at::Tensor> Project(const at::Tensor& x);
  at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    at::Tensor* weights) const;

  const int64_t num_heads_;
  const int64_t head_dim_;
  const bool causal_;
  std::shared_ptr<LayerNorm> q_norm_;
  std::shared_ptr<LayerNorm> k_norm_;
  std::shared_ptr<LayerNorm> norm_;
};

}  // namespace deepcode
