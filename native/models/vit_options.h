// What describes a plain Vision Transformer, field by field as timm's VisionTransformer takes it.
// There are no defaults: TypeScript fills every field from a model's config.json.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/activation.h"
#include "nn/conv_stem_embed.h"

namespace deepcode {

// How the tokens become one feature vector: the class token, or the mean, the maximum or half the sum
// of both over the patch tokens.
enum class Pool { kToken, kAvg, kMax, kAvgMax };

struct VitOptions {
  int64_t image_height;  // pixels, a multiple of patch_height
  int64_t image_width;   // pixels, a multiple of patch_width
  int64_t patch_height;  // pixels per token; with a stem, the product of its strides
  int64_t patch_width;
  int64_t in_channels;
  int64_t num_classes;  // >= 1
  Pool global_pool;
  int64_t embed_dim;  // a multiple of num_heads
  int64_t depth;
  int64_t num_heads;
  double mlp_ratio;  // hidden width of the perceptron / embed_dim
  bool qkv_bias;
  bool proj_bias;  // of attention.proj and of both layers of the perceptron
  bool qk_norm;
  bool scale_attn_norm;
  bool scale_mlp_norm;
  std::optional<double> init_values;  // LayerScale's initial value; none: no LayerScale
  bool class_token;
  int64_t reg_tokens;
  bool pos_embed;         // learnt absolute position embeddings; false: none
  bool no_embed_class;    // prefix tokens get no position embedding
  bool pre_norm;          // a norm before the blocks, and no bias in the patch embedding
  bool final_norm;        // a norm after the blocks
  bool fc_norm;           // that norm comes after pooling
  bool pool_include_prefix;
  bool distilled;              // DeiT's distillation token and second head
  int64_t representation_size;  // width of the tanh layer before the head, 0: none
  double norm_eps;
  Activation activation;
  std::vector<ConvStemLayer> stem;  // instead of the patch projection; empty: none
  Activation stem_activation;

  int64_t grid_height() const { return image_height / patch_height; }
  int64_t grid_width() const { return image_width / patch_width; }
  int64_t num_patches() const { return grid_height() * grid_width(); }
  int64_t prefix_tokens() const { return (class_token ? 1 : 0) + (distilled ? 1 : 0) + reg_tokens; }
  int64_t embedded_prefix() const { return no_embed_class ? 0 : prefix_tokens(); }
  int64_t tokens() const { return prefix_tokens() + num_patches(); }
  int64_t num_features() const { return representation_size > 0 ? representation_size : embed_dim; }
};

// Throws ERR_CONFIG naming the first field that is out of range or contradicts another.
void CheckVitOptions(const VitOptions& options);

}  // namespace deepcode
