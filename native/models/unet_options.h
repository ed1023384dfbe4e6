// What describes a conditional UNet, field by field as diffusers' unet/config.json. There are no
// defaults, and what may be one value or a list there is a list here: TypeScript fills every field.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/activation.h"

namespace deepcode {

// "UNetMidBlock2DCrossAttn", "UNetMidBlock2D" or null.
enum class UnetMiddle { kCrossAttention, kPlain, kNone };

struct UnetOptions {
  int64_t in_channels;
  int64_t out_channels;
  bool center_input_sample;
  bool flip_sin_to_cos;
  double freq_shift;
  // One entry a level, from full resolution down: whether the block has attention
  // (CrossAttnDownBlock2D) or not (DownBlock2D). For `up`, in the order of up_block_types.
  std::vector<bool> down_cross_attention;
  std::vector<bool> up_cross_attention;
  UnetMiddle mid_block;
  // One entry a level, from full resolution down.
  std::vector<int64_t> block_out_channels;
  std::vector<int64_t> layers_per_block;
  std::vector<int64_t> cross_attention_dim;
  std::vector<int64_t> transformer_layers_per_block;
  std::vector<int64_t> num_attention_heads;  // the config calls it attention_head_dim
  std::vector<bool> only_cross_attention;    // no self-attention in the transformer blocks
  int64_t downsample_padding;
  double mid_block_scale_factor;
  Activation act_fn;
  int64_t norm_num_groups;
  double norm_eps;
  bool time_scale_shift;       // resnet_time_scale_shift is "scale_shift", not "default"
  int64_t time_embedding_dim;  // width of the embedding that the residual blocks get
  int64_t time_cond_proj_dim;  // width of LCM's guidance embedding; 0: none
  int64_t conv_in_kernel;
  int64_t conv_out_kernel;

  int64_t levels() const { return static_cast<int64_t>(block_out_channels.size()); }
};

// Throws ERR_CONFIG naming the first field that is out of range or contradicts another.
void CheckUnetOptions(const UnetOptions& options);

}  // namespace deepcode
