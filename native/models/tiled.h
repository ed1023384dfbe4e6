// A network over overlapping tiles of a large image, whose results are blended where they overlap.
// Reference: diffusers, AutoencoderKL.tiled_decode.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace deepcode {

struct TileOptions {
  int64_t in_side;   // of a tile of the input
  int64_t out_side;  // of what the network makes of it
};

// x [N, C, h, w] -> [N, C', h', w']. A quarter of each tile overlaps the next.
at::Tensor RunTiled(const at::Tensor& x, const TileOptions& options,
                    const std::function<at::Tensor(const at::Tensor&)>& network);

}  // namespace deepcode
