#include "nn/transformer_2d.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

#include "nn/tokens.h"

namespace deepcode {
namespace {

// Not part of any config: the values every published checkpoint was trained with.
constexpr double kGroupNormEps = 1e-6;
constexpr double kLayerNormEps = 1e-5;

}  // namespace

TransformerBlock::TransformerBlock(const Transformer2dOptions& o)
    : only_cross_attention_(o.only_cross_attention) {
  const auto norm = [&](const char* name) {
    return register_module(name, std::make_shared<LayerNorm>(o.channels, kLayerNormEps));
  };
  const auto attention = [&](const char* name, int64_t context_dim) {
    return register_module(name, std::make_shared<CrossAttention>(CrossAttentionOptions{
                                     o.channels, context_dim, o.num_heads, false}));
  };
  norm1_ = norm("norm1");
  attn1_ = attention("attn1", o.only_cross_attention ? o.context_dim : o.channels);
  norm2_ = norm("norm2");
  attn2_ = attention("attn2", o.context_dim);
  norm3_ = norm("norm3");
  ff_ = register_module("ff", std::make_shared<FeedForward>(o.channels));
}

at::Tensor TransformerBlock::Forward(const at::Tensor& x, const at::Tensor& text) {
  const at::Tensor first_context = only_cross_attention_ ? text : at::Tensor();
  at::Tensor h = attn1_->ForwardAdded(norm1_->Forward(x), first_context, x);
  h = attn2_->ForwardAdded(norm2_->Forward(h), text, h);
  return ff_->ForwardAdded(norm3_->Forward(h), h);
}

void TransformerBlock::Prepare(int64_t rows, int64_t text_rows) {
  attn1_->Prepare(rows, only_cross_attention_ ? text_rows : 0);
  attn2_->Prepare(rows, text_rows);
  ff_->Prepare(rows);
}

Transformer2d::Transformer2d(const Transformer2dOptions& o) {
  const auto projection = [&](const char* name) {
    return register_module(name, std::make_shared<Linear>(o.channels, o.channels, true));
  };
  norm_ = register_module("norm", std::make_shared<GroupNorm>(o.norm_groups, o.channels, kGroupNormEps));
  proj_in_ = projection("proj_in");
  const auto blocks =
      register_module("transformer_blocks", std::make_shared<torch::nn::ModuleListImpl>());
  for (int64_t i = 0; i < o.layers; ++i) {
    blocks_.push_back(std::make_shared<TransformerBlock>(o));
    blocks->push_back(blocks_.back());
  }
  proj_out_ = projection("proj_out");
}

at::Tensor Transformer2d::Forward(const at::Tensor& x, const at::Tensor& text) {
  at::Tensor tokens = proj_in_->Forward(ToTokens(norm_->Forward(x)));
  for (const auto& block : blocks_) tokens = block->Forward(tokens, text);
  return FromTokens(proj_out_->ForwardAdded(tokens, ToTokens(x)), x.size(2), x.size(3));
}

void Transformer2d::Prepare(FeatureSize size, int64_t text_rows) {
  proj_in_->PackOnly(size.pixels());
  for (const auto& block : blocks_) block->Prepare(size.pixels(), text_rows);
  proj_out_->PackOnly(size.pixels());
}

}  // namespace deepcode
