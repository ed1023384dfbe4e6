// Gains of the frequency bands of a picture, so that nothing can be told from a band's energy
// alone.
#pragma once

#include <array>

#include "image/rgb_image.h"

namespace deepcode {

// The bands are differences of neighbours in a Gaussian pyramid without subsampling (Burt & Adelson
// 1983), whose sigmas are 0.5, 1, 2, 4 and 8 pixels, finest first.
inline constexpr size_t kLumaBands = 5;

// Multiplies each band of the luma (ITU-R 601) by its gain, and the colour differences from luma,
// as far as they are finer than 8 pixels, by `chroma`. Gains are positive; 1 changes nothing.
void ScaleBands(RgbImage& image, const std::array<double, kLumaBands>& luma, double chroma);

}  // namespace deepcode
