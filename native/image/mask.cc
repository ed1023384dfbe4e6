#include "image/mask.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/split_mix.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// Where a pixel lies between two cells: the first of them, and how much the second counts.
struct Place {
  size_t cell;
  float share;
};

std::vector<Place> PlacesOf(int size, int cells) {
  std::vector<Place> places;
  for (int i = 0; i < size; ++i) {
    const float at = (i + 0.5f) / static_cast<float>(size) * static_cast<float>(cells - 1);
    const auto cell = static_cast<size_t>(std::min(static_cast<int>(at), cells - 2));
    const float t = at - static_cast<float>(cell);
    places.push_back({cell, t * t * (3.0f - 2.0f * t)});
  }
  return places;
}

float Between(float a, float b, float share) { return a + (b - a) * share; }

}  // namespace

FloatImage RandomMask(int width, int height, int cells, uint64_t seed) {
  SplitMix64 random(seed);
  const auto side = static_cast<size_t>(cells);
  std::vector<float> grid(side * side);
  for (float& value : grid) value = random.Uniform();
  const auto [low, high] = std::minmax_element(grid.begin(), grid.end());
  const float offset = *low;
  const float scale = 1.6f / (*high - *low + 1e-6f);
  for (float& value : grid) value = (value - offset) * scale - 0.3f;

  const std::vector<Place> columns = PlacesOf(width, cells);
  const std::vector<Place> rows = PlacesOf(height, cells);
  FloatImage mask(width, height, 1);
  for (size_t y = 0, i = 0; y < rows.size(); ++y) {
    const float* upper = &grid[rows[y].cell * side];
    const float* lower = upper + side;
    for (const auto& [cell, share] : columns) {
      const float above = Between(upper[cell], upper[cell + 1], share);
      const float below = Between(lower[cell], lower[cell + 1], share);
      mask.values[i++] = std::clamp(Between(above, below, rows[y].share), 0.0f, 1.0f);
    }
  }
  return mask;
}

FloatImage EllipseMask(int width, int height, const Ellipse& ellipse) {
  FloatImage mask(width, height, 1);
  const auto steepness = static_cast<float>(ellipse.steepness);
  const auto opacity = static_cast<float>(ellipse.opacity);
  size_t i = 0;
  for (int y = 0; y < height; ++y) {
    const double v = ((y + 0.5) / height - ellipse.center_y) / ellipse.radius_y;
    for (int x = 0; x < width; ++x, ++i) {
      const double u = ((x + 0.5) / width - ellipse.center_x) / ellipse.radius_x;
      const auto outside = static_cast<float>(u * u + v * v - 1.0);
      mask.values[i] = opacity / (1.0f + std::exp(std::min(outside * steepness, 30.0f)));
    }
  }
  return mask;
}

void ShowUnderMask(const RgbImage& original, const FloatImage& mask, RgbImage& image) {
  const bool fits = image.width == original.width && image.height == original.height &&
                    mask.values.size() * 3 == image.pixels.size();
  if (!fits) throw Error(ErrorCode::kInternal, "A mask and its picture differ in size.");
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const float from = original.pixels[i];
    const float value = from + (image.pixels[i] - from) * mask.values[i / 3];
    image.pixels[i] = static_cast<uint8_t>(value + 0.5f);
  }
}

}  // namespace deepcode
