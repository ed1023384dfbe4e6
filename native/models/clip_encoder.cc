#include "models/clip_encoder.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

void Require(bool holds, const std::string& rule) {
  if (!holds) throw Error(ErrorCode::kConfig, "The CLIP configuration needs " + rule + ".");
}

void CheckOptions(const ClipEncoderOptions& o) {
  Require(o.hidden_size >= 1 && o.intermediate_size >= 1, "a positive width");
  Require(o.num_hidden_layers >= 1 && o.num_attention_heads >= 1, "at least 1 layer and 1 head");
  Require(o.hidden_size % o.num_attention_heads == 0,
          "a hidden_size that is a multiple of num_attention_heads");
  Require(o.layer_norm_eps > 0, "a positive layer_norm_eps");
}

AttentionOptions AttentionOf(const ClipEncoderOptions& o, bool causal) {
  return {.dim = o.hidden_size,
          .num_heads = o.num_attention_heads,
          .qkv_bias = true,
          .proj_bias = true,
          .qk_norm = false,
          .scale_norm = false,
          .causal = causal,
          .norm_eps = o.layer_norm_eps};
}

MlpOptions MlpOf(const ClipEncoderOptions& o) {
  return {.dim = o.hidden_size,
          .hidden = o.intermediate_size,
          .bias = true,
          .activation = o.hidden_act,
          .scale_norm = false,
          .norm_eps = o.layer_norm_eps};
}

}  // namespace

ClipEncoderLayer::ClipEncoderLayer(const ClipEncoderOptions& o, bool causal) {
  const auto norm = [&] { return std::make_shared<LayerNorm>(o.hidden_size, o.layer_norm_eps); };
  layer_norm1_ = register_module("layer_norm1", norm());
  self_attn_ = register_module("self_attn", std::make_shared<Attention>(AttentionOf(o, causal)));
  layer_norm2_ = register_module("layer_norm2", norm());
  mlp_ = register_module("mlp", std::make_shared<Mlp>(MlpOf(o)));
}

at::Tensor ClipEncoderLayer::Forward(const at::Tensor& x) {
  const at::Tensor attended = self_attn_->ForwardAdded(layer_norm1_->Forward(x), x, nullptr);
  return mlp_->ForwardAdded(layer_norm2_->Forward(attended), attended);
}

ClipEncoder::ClipEncoder(const ClipEncoderOptions& options, bool causal) {
  CheckOptions(options);
  const auto layers = register_module("layers", std::make_shared<torch::nn::ModuleListImpl>());
  for (int64_t i = 0; i < options.num_hidden_layers; ++i) {
    layers_.push_back(std::make_shared<ClipEncoderLayer>(options, causal));
    layers->push_back(layers_.back());
  }
}

at::Tensor ClipEncoder::Forward(const at::Tensor& x, int64_t skipped, const CancelToken& cancel) {
  at::Tensor hidden = x;
  for (size_t i = 0; i + skipped < layers_.size(); ++i) {
    cancel.ThrowIfCancelled();
    hidden = layers_[i]->Forward(hidden);
  }
  return hidden;
}

}  // namespace deepcode
