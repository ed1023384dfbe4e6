// Resampling of learnt absolute position embeddings to another grid.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace deepcode {

struct Grid {
  int64_t height;  // patches
  int64_t width;   // patches
  bool operator==(const Grid&) const = default;
};

// Resamples embeddings [1, prefix + old grid, dim] to [1, prefix + new grid, dim] as timm's
// resample_abs_pos_embed: bicubic with antialiasing, in fp32, the prefix tokens copied. Without
// `old_grid` the old grid is taken to be square. Throws ERR_WEIGHTS_SHAPE when it is not.
at::Tensor ResamplePositionEmbedding(const at::Tensor& embedding, Grid new_grid,
                                     std::optional<Grid> old_grid, int64_t prefix_tokens);

}  // namespace deepcode
