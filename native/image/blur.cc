#include "image/blur.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/vectorize.h"

namespace deepcode {
namespace {

std::vector<float> GaussianKernel(int size, double sigma) {
  std::vector<float> kernel(static_cast<size_t>(size));
  const double half = (size - 1) * 0.5;
  double sum = 0.0;
  for (int i = 0; i < size; ++i) sum += std::exp(-0.5 * std::pow((i - half) / sigma, 2));
  for (int i = 0; i < size; ++i) {
    const double value = std::exp(-0.5 * std::pow((i - half) / sigma, 2));
    kernel[static_cast<size_t>(i)] = static_cast<float>(value / sum);
  }
  return kernel;
}

// Index i of a signal of `size` samples continued by reflection about its end samples.
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

DEEPCODE_VECTOR_CLONES
void RoundToBytes(const float* from, size_t count, uint8_t* to) {
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<uint8_t>(std::nearbyint(from[i]));
}

// One row, mirrored at both ends by `half` pixels, as floats.
void PadRow(const uint8_t* row, int width, int half, float* padded) {
  for (int x = -half; x < width + half; ++x) {
    const uint8_t* pixel = row + 3 * Mirror(x, width);
    for (int c = 0; c < 3; ++c) *padded++ = pixel[c];
  }
}

std::vector<float> BlurRows(const RgbImage& image, const std::vector<float>& kernel) {
  const int half = static_cast<int>(kernel.size()) / 2;
  const size_t stride = image.stride();
  std::vector<float> padded(stride + static_cast<size_t>(half) * 6);
  std::vector<float> blurred(image.pixels.size());
  for (int y = 0; y < image.height; ++y) {
    PadRow(image.row(y), image.width, half, padded.data());
    float* out = blurred.data() + static_cast<size_t>(y) * stride;
    for (size_t i = 0; i < kernel.size(); ++i) AddScaled(&padded[3 * i], kernel[i], stride, out);
  }
  return blurred;
}

}  // namespace

void GaussianBlur(RgbImage& image, int kernel_size, double sigma) {
  const std::vector<float> kernel = GaussianKernel(kernel_size, sigma);
  const std::vector<float> rows = BlurRows(image, kernel);
  const size_t stride = image.stride();
  std::vector<float> sum(stride);
  for (int y = 0; y < image.height; ++y) {
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (int i = 0; i < kernel_size; ++i) {
      const auto row = static_cast<size_t>(Mirror(y + i - kernel_size / 2, image.height));
      AddScaled(&rows[row * stride], kernel[static_cast<size_t>(i)], stride, sum.data());
    }
    RoundToBytes(sum.data(), stride, image.row(y));
  }
}

}  // namespace deepcode
