// Edge-preserving smoothing (Tomasi & Manduchi 1998, "Bilateral filtering for gray and color
// images").
#pragma once

#include "image/rgb_image.h"

namespace deepcode {

// Averages each pixel with those at most 2.3 pixels away, the less the further (`sigma`, pixels,
// > 0) and the more different their colour (`tolerance`, grey levels summed over the three
// channels, > 0). The colour weight is (1 - d^2 / (16 tolerance^2))^8, the Gaussian's compact
// twin, so that no exponential is taken for a pixel.
void BilateralFilter(RgbImage& image, double sigma, double tolerance);

}  // namespace deepcode
