// Affine distortion.
#pragma once

#include <array>

#include "image/rgb_image.h"

namespace deepcode {

// The output pixel at (x, y) from the picture's centre shows what lies at (a x + b y + c,
// d x + e y + f) from it, interpolated bilinearly; outside, the picture is mirrored.
// matrix: a b c d e f, offsets in pixels.
void Warp(RgbImage& image, const std::array<double, 6>& matrix);

}  // namespace deepcode
