// Separable Gaussian filter in single precision, edges mirrored without repeating the edge pixel.
#pragma once

#include "image/float_image.h"

namespace deepcode {

// kernel_size is odd and positive, in pixels; sigma > 0, in pixels. Any number of channels.
FloatImage GaussianFiltered(const FloatImage& image, int kernel_size, double sigma);

// With three standard deviations on either side, which hold 99.7 % of the kernel.
FloatImage GaussianFiltered(const FloatImage& image, double sigma);

}  // namespace deepcode
