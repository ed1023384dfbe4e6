#include "image/blur.h"

#include "image/float_image.h"
#include "image/gaussian.h"

namespace deepcode {

void GaussianBlur(RgbImage& image, int kernel_size, double sigma) {
  ToBytes(GaussianFiltered(ToFloat(image), kernel_size, sigma), image);
}

}  // namespace deepcode
