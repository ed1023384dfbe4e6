// An 8-bit RGB picture in memory: rows from top to bottom, R G B interleaved, no padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deepcode {

struct RgbImage {
  static constexpr int kChannels = 3;

  RgbImage() = default;
  RgbImage(int w, int h)
      : width(w), height(h), pixels(static_cast<size_t>(w) * static_cast<size_t>(h) * kChannels) {}

  size_t stride() const { return static_cast<size_t>(width) * kChannels; }
  uint8_t* row(int y) { return pixels.data() + static_cast<size_t>(y) * stride(); }
  const uint8_t* row(int y) const { return pixels.data() + static_cast<size_t>(y) * stride(); }

  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;  // height * width * 3
};

}  // namespace deepcode
