#include "nn/cross_attention.h"

#include <ATen/ATen.h>

#include <vector>

namespace deepcode {
namespace {

// One layer that computes what several with the same input compute.
std::shared_ptr<Linear> Join(const std::vector<std::shared_ptr<Linear>>& layers) {
  std::vector<at::Tensor> weights, biases;
  for (const auto& layer : layers) {
    weights.push_back(layer->weight.detach());
    if (layer->bias.defined()) biases.push_back(layer->bias);
    layer->weight.set_data(at::empty({0}, layer->weight.options()));
  }
  auto joint = std::make_shared<Linear>(layers[0]->in_features(), 0, !biases.empty());
  joint->weight.set_requires_grad(false).set_data(at::cat(weights));
  if (!biases.empty()) joint->bias.set_requires_grad(false).set_data(at::cat(biases));
  return joint;
}

}  // namespace

CrossAttention::CrossAttention(const CrossAttentionOptions& options) : options_(options) {
  const CrossAttentionOptions& o = options_;
  to_q_ = register_module("to_q", std::make_shared<Linear>(o.dim, o.dim, o.qkv_bias));
  to_k_ = register_module("to_k", std::make_shared<Linear>(o.context_dim, o.dim, o.qkv_bias));
  to_v_ = register_module("to_v", std::make_shared<Linear>(o.context_dim, o.dim, o.qkv_bias));
  const auto out = register_module("to_out", std::make_shared<torch::nn::Module>());
  to_out_ = out->register_module("0", std::make_shared<Linear>(o.dim, o.dim, true));
}

at::Tensor CrossAttention::ForwardAdded(const at::Tensor& x, const at::Tensor& context,
                                        const at::Tensor& residual) {
  const std::vector<at::Tensor> qkv = Project(x, context.defined() ? context : x);
  const at::Tensor heads =
      at::scaled_dot_product_attention(Heads(qkv[0]), Heads(qkv[1]), Heads(qkv[2]));
  return to_out_->ForwardAdded(heads.transpose(1, 2).flatten(2), residual);
}

std::vector<at::Tensor> CrossAttention::Project(const at::Tensor& x, const at::Tensor& context) {
  if (to_qkv_) return to_qkv_->Forward(x).chunk(3, -1);
  if (!to_kv_) return {to_q_->Forward(x), to_k_->Forward(context), to_v_->Forward(context)};
  const std::vector<at::Tensor> kv = to_kv_->Forward(context).chunk(2, -1);
  return {to_q_->Forward(x), kv[0], kv[1]};
}

at::Tensor CrossAttention::Heads(const at::Tensor& rows) const {
  return rows.unflatten(2, {options_.num_heads, -1}).transpose(1, 2);
}

void CrossAttention::Prepare(int64_t rows, int64_t context_rows) {
  if (context_rows == 0) {
    to_qkv_ = Join({to_q_, to_k_, to_v_});
    to_qkv_->PackOnly(rows);
  } else {
    to_kv_ = Join({to_k_, to_v_});
    to_kv_->PackOnly(context_rows);
    to_q_->PackOnly(rows);
  }
  to_out_->PackOnly(rows);
}

}  // namespace deepcode
