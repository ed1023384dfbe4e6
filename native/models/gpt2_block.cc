#include "models/gpt2_block.h"

#include <ATen/ATen.h>

namespace deepcode {

Gpt2Attention::Gpt2Attention(const Gpt2Options& o, bool to_context) : heads_(o.n_head) {
  const auto layer = [&](const char* name, int64_t width) {
    return register_module(name, std::make_shared<TransposedLinear>(o.n_embd, width));
  };
  c_attn_ = layer("c_attn", (to_context ? 2 : 3) * o.n_embd);
  if (to_context) q_attn_ = layer("q_attn", o.n_embd);
  c_proj_ = layer("c_proj", o.n_embd);
}

at::Tensor Gpt2Attention::Forward(const at::Tensor& x, const at::Tensor& residual,
                                  Gpt2LayerCache* cache) const {
  const std::vector<at::Tensor> qkv = c_attn_->Forward(x).chunk(3, -1);
  const auto append = [&](at::Tensor* stored, const at::Tensor& rows) {
    *stored = stored->defined() ? at::cat({*stored, Heads(rows)}, 2) : Heads(rows);
  };
  append(&cache->keys, qkv[1]);
  append(&cache->values, qkv[2]);
  return Attend(qkv[0], cache->keys, cache->values, residual);
}

at::Tensor Gpt2Attention::ForwardContext(const at::Tensor& x, const at::Tensor& residual,
                                         const Gpt2LayerCache& cache) const {
  const auto shared = [&](const at::Tensor& one) { return one.expand({x.size(0), -1, -1, -1}); };
  return Attend(q_attn_->Forward(x), shared(cache.context_keys), shared(cache.context_values),
                residual);
}

void Gpt2Attention::Start(const at::Tensor& context, Gpt2LayerCache* cache) const {
  const std::vector<at::Tensor> kv = c_attn_->Forward(context).chunk(2, -1);
  cache->context_keys = Heads(kv[0]).contiguous();
  cache->context_values = Heads(kv[1]).contiguous();
}

at::Tensor Gpt2Attention::Heads(const at::Tensor& rows) const {
  return rows.unflatten(2, {heads_, -1}).transpose(1, 2);
}

at::Tensor Gpt2Attention::Attend(const at::Tensor& q, const at::Tensor& k,
                                 const at::Tensor& v, const at::Tensor& residual) const {
  const at::Tensor heads = at::scaled_dot_product_attention(Heads(q), k, v);
  return c_proj_->ForwardAdded(heads.transpose(1, 2).flatten(2), residual);
}

void Gpt2Attention::Pack(int64_t rows) {
  c_attn_->PackOnly(rows);
  if (q_attn_) q_attn_->PackOnly(rows);
  c_proj_->PackOnly(rows);
}

Gpt2Block::Gpt2Block(const Gpt2Options& o) : activation_(o.activation) {
  const auto norm = [&](const char* name) {
    return register_module(name, std::make_shared<LayerNorm>(o.n_embd, o.layer_norm_epsilon));
  };
  ln_1_ = norm("ln_1");
  attn_ = register_module("attn", std::make_shared<Gpt2Attention>(o, /*to_context=*/false));
  ln_2_ = norm("ln_2");
  ln_cross_attn_ = norm("ln_cross_attn");
  crossattention_ =
      register_module("crossattention", std::make_shared<Gpt2Attention>(o, /*to_context=*/true));
  const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  c_fc_ = mlp->register_module("c_fc", std::make_shared<TransposedLinear>(o.n_embd, o.n_inner));
  c_proj_ = mlp->register_module("c_proj", std::make_shared<TransposedLinear>(o.n_inner, o.n_embd));
}

at::Tensor Gpt2Block::Forward(const at::Tensor& x, Gpt2LayerCache* cache) const {
  const at::Tensor attended = attn_->Forward(ln_1_->Forward(x), x, cache);
  const at::Tensor seen =
      crossattention_->ForwardContext(ln_cross_attn_->Forward(attended), attended, *cache);
  const at::Tensor hidden = c_fc_->ForwardActivated(ln_2_->Forward(seen), activation_);
  return c_proj_->ForwardAdded(hidden, seen);
}

void Gpt2Block::Pack(int64_t rows) {
  attn_->Pack(rows);
  crossattention_->Pack(rows);
  c_fc_->PackOnly(rows);
  c_proj_->PackOnly(rows);
}

Gpt2LayerCache Gpt2Block::Start(const at::Tensor& context) const {
  Gpt2LayerCache cache;
  crossattention_->Start(context, &cache);
  return cache;
}

}  // namespace deepcode
