#include "image/sharpen.h"

#include <algorithm>
#include <cmath>

#include "image/float_image.h"
#include "image/gaussian.h"
#include "image/vectorize.h"

namespace deepcode {
namespace {

DEEPCODE_VECTOR_CLONES
void SoftThreshold(const float* base, float threshold, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    const float detail = to[i] - base[i];
    to[i] = base[i] + std::copysign(std::max(std::fabs(detail) - threshold, 0.0f), detail);
  }
}

}  // namespace

void Sharpen(RgbImage& image, double sigma, double amount) {
  FloatImage sharp = ToFloat(image);
  ScaleDifference(GaussianFiltered(sharp, sigma), static_cast<float>(1.0 + amount), sharp);
  ToBytes(sharp, image);
}

void RemoveWeakDetail(RgbImage& image, double sigma, double threshold) {
  FloatImage result = ToFloat(image);
  const FloatImage base = GaussianFiltered(result, sigma);
  SoftThreshold(base.values.data(), static_cast<float>(threshold), result.values.size(),
                result.values.data());
  ToBytes(result, image);
}

}  // namespace deepcode
