// Geometric operations on 8-bit RGB.
#pragma once

#include <array>
#include <cstdint>

#include "image/resample.h"
#include "image/rgb_image.h"

namespace deepcode {

void FlipHorizontal(RgbImage& image);

// The whole image at another size.
RgbImage Resized(const RgbImage& image, int width, int height, ResampleFilter filter);

// Resizes `box` of the image, given in pixels and possibly fractional, to width x height.
RgbImage Resized(const RgbImage& image, const ResampleBox& box, int width, int height,
                 ResampleFilter filter);

using Rgb = std::array<uint8_t, 3>;

// A rectangle of the picture that `filter` makes of the whole image at width x height. The
// rectangle may reach outside that picture; what is not covered is `fill`.
struct ResizeCrop {
  ResampleFilter filter = ResampleFilter::kBicubic;
  int width = 0;
  int height = 0;
  ResampleWindow crop;  // left and top may be negative
  Rgb fill = {0, 0, 0};
};
RgbImage ResizedAndCropped(const ImageView& image, const ResizeCrop& spec);

// A rectangle of the image, which may reach outside it; what is not covered is `fill`.
RgbImage Cropped(const RgbImage& image, const ResampleWindow& crop, const Rgb& fill);

}  // namespace deepcode
