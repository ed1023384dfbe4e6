#include "image/float_image.h"

#include <algorithm>
#include <cmath>

#include "image/vectorize.h"

namespace deepcode {
namespace {

DEEPCODE_VECTOR_CLONES
void Widen(const uint8_t* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

DEEPCODE_VECTOR_CLONES
void RoundToBytes(const float* from, size_t count, uint8_t* to) {
  for (size_t i = 0; i < count; ++i) {
    to[i] = static_cast<uint8_t>(std::nearbyint(std::min(std::max(from[i], 0.0f), 255.0f)));
  }
}

DEEPCODE_VECTOR_CLONES
void Extrapolate(const float* base, float factor, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = base[i] + factor * (to[i] - base[i]);
}

}  // namespace

FloatImage ToFloat(const RgbImage& image) {
  FloatImage out(image.width, image.height, RgbImage::kChannels);
  Widen(image.pixels.data(), image.pixels.size(), out.values.data());
  return out;
}

void ToBytes(const FloatImage& from, RgbImage& to) {
  RoundToBytes(from.values.data(), to.pixels.size(), to.pixels.data());
}

int Mirror(int i, int size) {
  if (size == 1) return 0;
  const int period = 2 * (size - 1);
  i = std::abs(i) % period;
  return i < size ? i : period - i;
}

DEEPCODE_VECTOR_CLONES
void AddScaled(const float* from, float factor, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] += from[i] * factor;
}

void ScaleDifference(const FloatImage& base, float factor, FloatImage& from) {
  Extrapolate(base.values.data(), factor, from.values.size(), from.values.data());
}

}  // namespace deepcode
