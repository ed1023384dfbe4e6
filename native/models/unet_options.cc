#include "models/unet_options.h"

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

void Require(bool holds, const std::string& field, const std::string& expected) {
  if (holds) return;
  throw Error(ErrorCode::kConfig, "Expected " + expected + " for the UNet's " + field + ".");
}

void RequireEach(const std::vector<int64_t>& values, size_t levels, const char* field) {
  Require(values.size() == levels && std::all_of(values.begin(), values.end(),
                                                 [](int64_t value) { return value >= 1; }),
          field, std::to_string(levels) + " positive integers");
}

void RequireDivides(int64_t divisor, const std::vector<int64_t>& values, const char* field) {
  for (const int64_t value : values) {
    Require(value % divisor == 0, field, "a divisor of block_out_channels");
  }
}

}  // namespace

void CheckUnetOptions(const UnetOptions& o) {
  const size_t levels = o.block_out_channels.size();
  Require(levels >= 1, "block_out_channels", "at least one level");
  RequireEach(o.block_out_channels, levels, "block_out_channels");
  RequireEach(o.layers_per_block, levels, "layers_per_block");
  RequireEach(o.cross_attention_dim, levels, "cross_attention_dim");
  RequireEach(o.transformer_layers_per_block, levels, "transformer_layers_per_block");
  RequireEach(o.num_attention_heads, levels, "attention_head_dim");
  Require(o.down_cross_attention.size() == levels, "down_block_types", "one type a level");
  Require(o.up_cross_attention.size() == levels, "up_block_types", "one type a level");
  Require(o.only_cross_attention.size() == levels, "only_cross_attention", "one value a level");
  for (const int64_t channels : {o.in_channels, o.out_channels, o.norm_num_groups, o.time_embedding_dim}) {
    Require(channels >= 1, "widths", "positive integers");
  }
  RequireDivides(o.norm_num_groups, o.block_out_channels, "norm_num_groups");
  for (size_t i = 0; i < levels; ++i) {
    RequireDivides(o.num_attention_heads[i], {o.block_out_channels[i]}, "attention_head_dim");
  }
  Require(o.conv_in_kernel % 2 == 1 && o.conv_out_kernel % 2 == 1, "conv_in_kernel and conv_out_kernel",
          "odd integers");
  Require(o.downsample_padding == 0 || o.downsample_padding == 1, "downsample_padding", "0 or 1");
  Require(o.block_out_channels[0] / 2 != o.freq_shift, "freq_shift", "another number");
}

}  // namespace deepcode
