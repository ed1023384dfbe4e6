// One block of GPT-2: attention to the tokens so far, attention to a context, a perceptron; each
// with a norm before it and a sum after it.
#pragma once

#include "models/gpt2.h"

namespace deepcode {

// Attention to the sequence itself (c_attn: query, key, value) or to a context (q_attn: query;
// c_attn: key, value).
class Gpt2Attention : public torch::nn::Module {
 public:
  Gpt2Attention(const Gpt2Options& options, bool to_context);

  // x [B, 1, n_embd], whose keys and values are appended to the cache; plus `residual`
  // -> [B, 1, n_embd]
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& residual, Gpt2LayerCache* cache) const;

  // x [B, 1, n_embd] -> what it gathers from the cache's context, plus `residual`: [B, 1, n_embd]
  at::Tensor ForwardContext(const at::Tensor& x, const at::Tensor& residual,
                            const Gpt2LayerCache& cache) const;

  // context [1, M, n_embd]
  void Start(const at::Tensor& context, Gpt2LayerCache* cache) const;

  // Packs the layers for `rows` sequences.
  void Pack(int64_t rows);

 private:
  at::Tensor Heads(const at::Tensor& rows) const;  // [B, L, n_embd] -> [B, heads, L, head_dim]
  at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    const at::Tensor& residual) const;

  const int64_t heads_;
  std::shared_ptr<TransposedLinear> c_attn_;
  std::shared_ptr<TransposedLinear> q_attn_;  // to a context only
  std::shared_ptr<TransposedLinear> c_proj_;
};

class Gpt2Block : public torch::nn::Module {
 public:
  explicit Gpt2Block(const Gpt2Options& options);

  // x [B, 1, n_embd] -> [B, 1, n_embd]
  at::Tensor Forward(const at::Tensor& x, Gpt2LayerCache* cache) const;

  Gpt2LayerCache Start(const at::Tensor& context) const;

  // Lays weights out for inference on `rows` sequences; from then on they must not change.
  void Pack(int64_t rows);

 private:
  const Activation activation_;
  std::shared_ptr<LayerNorm> ln_1_;
  std::shared_ptr<Gpt2Attention> attn_;
  std::shared_ptr<LayerNorm> ln_cross_attn_;
  std::shared_ptr<Gpt2Attention> crossattention_;
  std::shared_ptr<LayerNorm> ln_2_;
  std::shared_ptr<TransposedLinear> c_fc_;
  std::shared_ptr<TransposedLinear> c_proj_;
};

}  // namespace deepcode
