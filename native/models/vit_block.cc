#include "models/vit_block.h"

#include "nn/dropout.h"

namespace deepcode {
namespace {

AttentionOptions AttentionOf(const VitOptions& o) {
  return {.dim = o.embed_dim,
          .num_heads = o.num_heads,
          .qkv_bias = o.qkv_bias,
          .proj_bias = o.proj_bias,
          .qk_norm = o.qk_norm,
          .scale_norm = o.scale_attn_norm,
          .causal = false,
          .norm_eps = o.norm_eps};
}

MlpOptions MlpOf(const VitOptions& o) {
  return {.dim = o.embed_dim,
          .hidden = static_cast<int64_t>(o.embed_dim * o.mlp_ratio),
          .bias = o.proj_bias,
          .activation = o.activation,
          .scale_norm = o.scale_mlp_norm,
          .norm_eps = o.norm_eps};
}

}  // namespace

VitBlock::VitBlock(const VitOptions& o) {
  const auto scale = [&](const char* name) -> std::shared_ptr<LayerScale> {
    if (!o.init_values) return nullptr;
    return register_module(name, std::make_shared<LayerScale>(o.embed_dim, *o.init_values));
  };
  norm1_ = register_module("norm1", std::make_shared<LayerNorm>(o.embed_dim, o.norm_eps));
  attn_ = register_module("attn", std::make_shared<Attention>(AttentionOf(o)));
  ls1_ = scale("ls1");
  norm2_ = register_module("norm2", std::make_shared<LayerNorm>(o.embed_dim, o.norm_eps));
  mlp_ = register_module("mlp", std::make_shared<Mlp>(MlpOf(o)));
  ls2_ = scale("ls2");
}

at::Tensor VitBlock::Forward(const at::Tensor& x, int64_t count, at::Tensor* weights) {
  const at::Tensor first = count == x.size(1) ? x : x.narrow(1, 0, count).contiguous();
  const at::Tensor normed = norm1_->Forward(x);
  if (PlainBranches()) {
    const at::Tensor attended = attn_->ForwardAdded(normed, first, weights);
    return mlp_->ForwardAdded(norm2_->Forward(attended), attended);
  }
  const at::Tensor attended = first + Branch(attn_->Forward(normed, count, weights), ls1_);
  return attended + Branch(mlp_->Forward(norm2_->Forward(attended)), ls2_);
}

bool VitBlock::PlainBranches() const {
  return !ls1_ && !(is_training() && drop_path_ > 0.0);
}

at::Tensor VitBlock::Branch(const at::Tensor& x, const std::shared_ptr<LayerScale>& scale) const {
  const at::Tensor scaled = scale ? scale->Forward(x) : x;
  return is_training() ? DropPath(scaled, drop_path_, generator_) : scaled;
}

}  // namespace deepcode
