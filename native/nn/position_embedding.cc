#include "nn/position_embedding.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

Grid SquareGrid(int64_t tokens) {
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(tokens))));
  if (tokens < 1 || side * side != tokens) {
    throw Error(ErrorCode::kWeightsShape, "The position embedding covers " + std::to_string(tokens) +
                                              " patches, which is not a square grid.");
  }
  return {side, side};
}

}  // namespace

at::Tensor ResamplePositionEmbedding(const at::Tensor& embedding, Grid new_grid,
                                     std::optional<Grid> old_grid, int64_t prefix_tokens) {
  const int64_t tokens = embedding.size(1) - prefix_tokens;
  const Grid old = old_grid ? *old_grid : SquareGrid(tokens);
  if (old == new_grid) return embedding;
  const at::Tensor grid = embedding.slice(1, prefix_tokens)
                              .to(at::kFloat)
                              .reshape({1, old.height, old.width, -1})
                              .permute({0, 3, 1, 2});
  const at::Tensor resized =
      at::_upsample_bicubic2d_aa(grid, {new_grid.height, new_grid.width}, /*align_corners=*/false)
          .permute({0, 2, 3, 1})
          .reshape({1, new_grid.height * new_grid.width, -1})
          .to(embedding.scalar_type());
  if (prefix_tokens == 0) return resized;
  return at::cat({embedding.slice(1, 0, prefix_tokens), resized}, 1);
}

}  // namespace deepcode
