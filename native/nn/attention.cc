#include "nn/attention.h"

#include <ATen/ATen.h>

#include <cmath>
#include <vector>

namespace deepcode {

Attention::Attention(const AttentionOptions& o)
    : num_heads_(o.num_heads), head_dim_(o.dim / o.num_heads), causal_(o.causal) {
  qkv = register_module("qkv", std::make_shared<LoraLinear>(o.dim, 3 * o.dim, o.qkv_bias));
  if (o.qk_norm) {
    q_norm_ = register_module("q_norm", std::make_shared<LayerNorm>(head_dim_, o.norm_eps));
    k_norm_ = register_module("k_norm", std::make_shared<LayerNorm>(head_dim_, o.norm_eps));
  }
  if (o.scale_norm) norm_ = register_module("norm", std::make_shared<LayerNorm>(o.dim, o.norm_eps));
  proj = register_module("proj", std::make_shared<LoraLinear>(o.dim, o.dim, o.proj_bias));
}

at::Tensor Attention::Forward(const at::Tensor& x, int64_t queries, at::Tensor* weights) {
  return proj->Forward(Mix(x, queries, weights));
}

at::Tensor Attention::ForwardAdded(const at::Tensor& x, const at::Tensor& residual,
                                   at::Tensor* weights) {
  return proj->ForwardAdded(Mix(x, residual.size(1), weights), residual);
}

at::Tensor Attention::Mix(const at::Tensor& x, int64_t queries, at::Tensor* weights) {
  const auto [q, k, v] = Project(x);
  const at::Tensor heads = Attend(queries < q.size(2) ? q.narrow(2, 0, queries) : q, k, v, weights);
  const at::Tensor joint = heads.transpose(1, 2).flatten(2);  // [N, queries, dim]
  return norm_ ? norm_->Forward(joint) : joint;
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> Attention::Project(const at::Tensor& x) {
  const at::Tensor split = qkv->Forward(x)
                               .view({x.size(0), x.size(1), 3, num_heads_, head_dim_})
                               .permute({2, 0, 3, 1, 4});  // [3, N, heads, L, head_dim]
  // The gradient of unbind is one stack; that of three selects would be three padded sums.
  const std::vector<at::Tensor> parts = split.unbind(0);
  at::Tensor q = parts[0], k = parts[1];
  if (q_norm_) {
    q = q_norm_->Forward(q);
    k = k_norm_->Forward(k);
  }
  return {q, k, parts[2]};
}

at::Tensor Attention::Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             at::Tensor* weights) const {
  if (weights == nullptr) return at::scaled_dot_product_attention(q, k, v, {}, 0.0, causal_);
  const double scale = 1.0 / std::sqrt(static_cast<double>(head_dim_));
  at::Tensor scores = at::matmul(q * scale, k.transpose(-2, -1));  // [N, heads, queries, L]
  if (causal_) scores = scores.masked_fill(at::ones_like(scores, at::kBool).triu(1), -INFINITY);
  *weights = at::softmax(scores, -1);
  return at::matmul(*weights, v);
}

}  // namespace deepcode
