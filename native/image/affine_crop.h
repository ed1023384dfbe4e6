// A picture of a part of another one that may be turned, enlarged or reduced.
#pragma once

#include <array>
#include <cstdint>

#include "image/resample.h"
#include "image/rgb_image.h"

namespace deepcode {

struct AffineCrop {
  // The output's point (x, y) shows the input's point (a x + b y + c, d x + e y + f). Points are in
  // pixels from the upper left corner: the first pixel's centre is at (0.5, 0.5).
  std::array<double, 6> matrix;  // a b c d e f
  int width;                     // of the output
  int height;
  std::array<uint8_t, 3> fill;  // R, G, B of what lies outside of the input
};

// Bilinear; where the input is reduced n times, each output pixel is the mean of ceil(n) x ceil(n)
// samples, at most 16 x 16. 3 channels. Throws Error(kInternal) when sizes are not positive or the
// matrix is not finite.
RgbImage CropAffine(const ImageView& input, const AffineCrop& crop);

}  // namespace deepcode
