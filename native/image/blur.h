// Gaussian blur of 8-bit RGB as torchvision.transforms.v2.functional.gaussian_blur: single
// precision, edges mirrored without repeating the edge pixel, rounded half to even.
#pragma once

#include "image/rgb_image.h"

namespace deepcode {

// kernel_size is odd and positive, in pixels; sigma > 0, in pixels. torchvision convolves once with
// the outer product of two kernels; here rows come first, then columns: at most one grey level
// apart.
void GaussianBlur(RgbImage& image, int kernel_size, double sigma);

}  // namespace deepcode
