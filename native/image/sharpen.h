// The fine detail of a picture made stronger, or its weak part removed.
#pragma once

#include "image/rgb_image.h"

namespace deepcode {

// Unsharp mask: adds `amount` times the difference from a Gaussian blur. sigma > 0 in pixels,
// usually 0.5 to 2; amount >= 0, usually 0.2 to 1.5.
void Sharpen(RgbImage& image, double sigma, double amount);

// Moves the difference from a Gaussian blur towards 0 by `threshold` grey levels (soft
// thresholding, Donoho 1995): faint texture goes, edges stay.
void RemoveWeakDetail(RgbImage& image, double sigma, double threshold);

}  // namespace deepcode
