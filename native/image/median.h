// Median of a square neighbourhood, each channel by itself, edges mirrored.
#pragma once

#include "image/rgb_image.h"

namespace deepcode {

// size: side of the square in pixels, odd, 3 or 5.
void MedianFilter(RgbImage& image, int size);

}  // namespace deepcode
