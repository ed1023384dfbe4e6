#include "models/tiled.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace deepcode {
namespace {

constexpr double kOverlap = 0.25;

// Fades from the end of `before` into the start of `tile` along dimension `dim`, in `tile`.
void Blend(const at::Tensor& before, const at::Tensor& tile, int64_t dim, int64_t extent) {
  extent = std::min({extent, before.size(dim), tile.size(dim)});
  if (extent == 0) return;
  std::vector<int64_t> shape(tile.dim(), 1);
  shape[dim] = extent;
  const at::Tensor share = at::arange(extent, at::kDouble).div_(static_cast<double>(extent));
  const auto as_factor = [&](const at::Tensor& values) { return values.view(shape).to(tile.options()); };
  at::Tensor start = tile.narrow(dim, 0, extent);
  const at::Tensor end = before.narrow(dim, before.size(dim) - extent, extent);
  start.mul_(as_factor(share)).add_(end * as_factor(1.0 - share));
}

}  // namespace

at::Tensor RunTiled(const at::Tensor& x, const TileOptions& o,
                    const std::function<at::Tensor(const at::Tensor&)>& network) {
  const auto step = std::max<int64_t>(1, static_cast<int64_t>(o.in_side * (1.0 - kOverlap)));
  const auto extent = static_cast<int64_t>(o.out_side * kOverlap);
  const int64_t kept = o.out_side - extent;
  std::vector<at::Tensor> rows, above;
  for (int64_t top = 0; top < x.size(2); top += step) {
    std::vector<at::Tensor> tiles, parts;
    for (int64_t left = 0; left < x.size(3); left += step) {
      const at::Tensor tile =
          network(x.slice(2, top, top + o.in_side).slice(3, left, left + o.in_side));
      // The tiles above and to the left were blended themselves.
      if (!above.empty()) Blend(above[tiles.size()], tile, 2, extent);
      if (!tiles.empty()) Blend(tiles.back(), tile, 3, extent);
      tiles.push_back(tile);
      parts.push_back(tile.slice(2, 0, kept).slice(3, 0, kept));
    }
    rows.push_back(at::cat(parts, 3));
    above = std::move(tiles);
  }
  return at::cat(rows, 2);
}

}  // namespace deepcode
