#include "image/gaussian.h"

#include <algorithm>
#include <cmath>

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

// One row, mirrored at both ends by `half` pixels.
void PadRow(const FloatImage& image, int y, int half, float* padded) {
  const float* row = image.row(y);
  const auto channels = static_cast<size_t>(image.channels);
  for (int x = -half; x < 0; ++x, padded += channels) {
    std::copy_n(row + static_cast<size_t>(Mirror(x, image.width)) * channels, channels, padded);
  }
  padded = std::copy_n(row, image.stride(), padded);
  for (int x = image.width; x < image.width + half; ++x, padded += channels) {
    std::copy_n(row + static_cast<size_t>(Mirror(x, image.width)) * channels, channels, padded);
  }
}

FloatImage FilterRows(const FloatImage& image, const std::vector<float>& kernel) {
  const int half = static_cast<int>(kernel.size()) / 2;
  const auto channels = static_cast<size_t>(image.channels);
  std::vector<float> padded(image.stride() + static_cast<size_t>(2 * half) * channels);
  FloatImage out(image.width, image.height, image.channels);
  for (int y = 0; y < image.height; ++y) {
    PadRow(image, y, half, padded.data());
    for (size_t i = 0; i < kernel.size(); ++i) {
      AddScaled(&padded[i * channels], kernel[i], image.stride(), out.row(y));
    }
  }
  return out;
}

}  // namespace

FloatImage GaussianFiltered(const FloatImage& image, int kernel_size, double sigma) {
  const std::vector<float> kernel = GaussianKernel(kernel_size, sigma);
  const FloatImage rows = FilterRows(image, kernel);
  FloatImage out(image.width, image.height, image.channels);
  for (int y = 0; y < image.height; ++y) {
    for (int i = 0; i < kernel_size; ++i) {
      const float* row = rows.row(Mirror(y + i - kernel_size / 2, image.height));
      AddScaled(row, kernel[static_cast<size_t>(i)], image.stride(), out.row(y));
    }
  }
  return out;
}

FloatImage GaussianFiltered(const FloatImage& image, double sigma) {
  return GaussianFiltered(image, 2 * static_cast<int>(std::ceil(3.0 * sigma)) + 1, sigma);
}

}  // namespace deepcode
