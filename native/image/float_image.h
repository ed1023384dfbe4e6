// Pixels in single precision, for arithmetic that would lose too much in 8 bits between its steps.
#pragma once

#include <cstddef>
#include <vector>

#include "image/rgb_image.h"

namespace deepcode {

// Rows from top to bottom, channels interleaved, no padding.
struct FloatImage {
  FloatImage() = default;
  FloatImage(int w, int h, int c)
      : width(w),
        height(h),
        channels(c),
        values(static_cast<size_t>(w) * static_cast<size_t>(h) * static_cast<size_t>(c)) {}

  size_t stride() const { return static_cast<size_t>(width) * static_cast<size_t>(channels); }
  float* row(int y) { return values.data() + static_cast<size_t>(y) * stride(); }
  const float* row(int y) const { return values.data() + static_cast<size_t>(y) * stride(); }

  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<float> values;  // height * width * channels
};

FloatImage ToFloat(const RgbImage& image);  // 0..255

// Rounds half to even and clips to 0..255; both have the same size and 3 channels.
void ToBytes(const FloatImage& from, RgbImage& to);

// Index i of a signal of `size` samples continued by reflection about its end samples.
int Mirror(int i, int size);

// to[i] += from[i] * factor; the two do not overlap.
void AddScaled(const float* from, float factor, size_t count, float* to);

// from[i] becomes base[i] + factor * (from[i] - base[i]), for the whole image.
void ScaleDifference(const FloatImage& base, float factor, FloatImage& from);

}  // namespace deepcode
