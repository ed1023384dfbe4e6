// Transformer blocks over the positions of a feature map, conditioned on text (Rombach et al. 2022,
// section 3.3 and appendix E.2.1):
//   x = x + attn1(norm1(x)); x = x + attn2(norm2(x), text); x = x + ff(norm3(x))
// Module names as diffusers' Transformer2DModel and BasicTransformerBlock.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/cross_attention.h"
#include "nn/feature_size.h"
#include "nn/feed_forward.h"
#include "nn/group_norm.h"
#include "nn/layer_norm.h"

namespace deepcode {

struct Transformer2dOptions {
  int64_t channels;  // a multiple of num_heads
  int64_t num_heads;
  int64_t layers;
  int64_t context_dim;        // width of the text
  bool only_cross_attention;  // attn1 attends to the text too
  int64_t norm_groups;
};

class TransformerBlock : public torch::nn::Module {
 public:
  explicit TransformerBlock(const Transformer2dOptions& options);

  // x [N, L, channels], text [N, M, context_dim] -> [N, L, channels]
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& text);

  void Prepare(int64_t rows, int64_t text_rows);

 private:
  const bool only_cross_attention_;
  std::shared_ptr<LayerNorm> norm1_;
  std::shared_ptr<CrossAttention> attn1_;
  std::shared_ptr<LayerNorm> norm2_;
  std::shared_ptr<CrossAttention> attn2_;
  std::shared_ptr<LayerNorm> norm3_;
  std::shared_ptr<FeedForward> ff_;
};

class Transformer2d : public torch::nn::Module {
 public:
  explicit Transformer2d(const Transformer2dOptions& options);

  // x [N, channels, h, w], text [N, M, context_dim] -> [N, channels, h, w]
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& text);

  // Packs for maps of about `size` and `text_rows` rows of text in the whole batch.
  void Prepare(FeatureSize size, int64_t text_rows);

 private:
  std::shared_ptr<GroupNorm> norm_;
  // 1 x 1 convolutions in some checkpoints and linear layers in others; the product is the same.
  std::shared_ptr<Linear> proj_in_;
  std::shared_ptr<Linear> proj_out_;
  std::vector<std::shared_ptr<TransformerBlock>> blocks_;
};

}  // namespace deepcode
