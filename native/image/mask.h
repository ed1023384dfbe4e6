// Soft masks: where a changed picture shows.
#pragma once

#include <cstdint>

#include "image/float_image.h"

namespace deepcode {

// One channel of 0..1: random values on a grid of `cells` x `cells`, cells >= 2, joined smoothly
// and spread so that whole regions are 0 or 1.
FloatImage RandomMask(int width, int height, int cells, uint64_t seed);

struct Ellipse {
  double center_x = 0;   // share of the width
  double center_y = 0;   // share of the height
  double radius_x = 0;   // share of the width, > 0
  double radius_y = 0;   // share of the height, > 0
  double steepness = 0;  // of the border; 4 is soft, 16 is sharp
  double opacity = 0;    // of the inside, 0..1
};
FloatImage EllipseMask(int width, int height, const Ellipse& ellipse);

// `image` becomes `original` where the mask is 0; throws Error(kInternal) when sizes differ.
void ShowUnderMask(const RgbImage& original, const FloatImage& mask, RgbImage& image);

}  // namespace deepcode
