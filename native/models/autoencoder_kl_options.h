// What describes an AutoencoderKL, field by field as diffusers' vae/config.json. There are no
// defaults: TypeScript fills every field.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/activation.h"

namespace deepcode {

struct AutoencoderKlOptions {
  int64_t in_channels;
  int64_t out_channels;
  int64_t latent_channels;
  std::vector<int64_t> block_out_channels;  // one entry a level, from full resolution down
  int64_t layers_per_block;
  Activation act_fn;
  int64_t norm_num_groups;
  int64_t sample_size;  // pixels; the side of a tile
  bool use_quant_conv;
  bool use_post_quant_conv;
  bool mid_block_add_attention;

  // Pixels on the side of one latent element.
  int64_t downsampling() const { return int64_t{1} << (block_out_channels.size() - 1); }
};

// Throws ERR_CONFIG naming the first field that is out of range or contradicts another.
void CheckAutoencoderKlOptions(const AutoencoderKlOptions& options);

// How a large batch or image is cut so that less memory is needed.
struct VaeTiling {
  bool slicing;  // one image at a time; the result is the same
  bool tiling;   // overlapping tiles of sample_size pixels, blended; the result is close, not the same
};

}  // namespace deepcode
