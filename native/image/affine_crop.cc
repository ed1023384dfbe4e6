#include "image/affine_crop.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int kMaxSamples = 16;  // of a side

struct Colour {
  std::array<float, 3> values{};
};

void Check(const ImageView& input, const AffineCrop& crop) {
  const bool finite = std::all_of(crop.matrix.begin(), crop.matrix.end(),
                                  [](double value) { return std::isfinite(value); });
  const bool sized = input.width > 0 && input.height > 0 && crop.width > 0 && crop.height > 0;
  if (finite && sized && input.channels == RgbImage::kChannels) return;
  throw Error(ErrorCode::kInternal, "The crop needs an RGB image, a size and a finite matrix.");
}

int Samples(const AffineCrop& crop) {
  const auto [a, b, c, d, e, f] = crop.matrix;
  const double scale = std::sqrt(std::abs(a * e - b * d));
  return static_cast<int>(std::clamp(std::ceil(scale - 1e-6), 1.0, double{kMaxSamples}));
}

// Adds the input's colour at a point to `sum`. Within half a pixel of an edge, the edge's pixels
// continue.
void AddSample(const ImageView& input, const AffineCrop& crop, double x, double y, Colour& sum) {
  if (!(x >= 0 && y >= 0 && x < input.width && y < input.height)) {
    for (size_t c = 0; c < 3; ++c) sum.values[c] += static_cast<float>(crop.fill[c]);
    return;
  }
  const double left = std::clamp(x - 0.5, 0.0, input.width - 1.0);
  const double top = std::clamp(y - 0.5, 0.0, input.height - 1.0);
  const int x0 = static_cast<int>(left), y0 = static_cast<int>(top);
  const int x1 = std::min(x0 + 1, input.width - 1), y1 = std::min(y0 + 1, input.height - 1);
  const auto u = static_cast<float>(left - x0), v = static_cast<float>(top - y0);
  const auto pixel = [&](int px, int py) {
    const auto row = static_cast<size_t>(py) * static_cast<size_t>(input.width);
    return input.data + (row + static_cast<size_t>(px)) * 3;
  };
  const uint8_t *p00 = pixel(x0, y0), *p10 = pixel(x1, y0);
  const uint8_t *p01 = pixel(x0, y1), *p11 = pixel(x1, y1);
  for (size_t c = 0; c < 3; ++c) {
    const float upper = p00[c] + u * static_cast<float>(p10[c] - p00[c]);
    const float lower = p01[c] + u * static_cast<float>(p11[c] - p01[c]);
    sum.values[c] += upper + v * (lower - upper);
  }
}

Colour PixelAt(const ImageView& input, const AffineCrop& crop, int column, int row, int samples) {
  const auto [a, b, c, d, e, f] = crop.matrix;
  Colour sum;
  for (int j = 0; j < samples; ++j) {
    const double y = row + (j + 0.5) / samples;
    for (int i = 0; i < samples; ++i) {
      const double x = column + (i + 0.5) / samples;
      AddSample(input, crop, a * x + b * y + c, d * x + e * y + f, sum);
    }
  }
  return sum;
}

}  // namespace

RgbImage CropAffine(const ImageView& input, const AffineCrop& crop) {
  Check(input, crop);
  const int samples = Samples(crop);
  const float share = 1.0f / static_cast<float>(samples * samples);
  RgbImage output(crop.width, crop.height);
  for (int y = 0; y < crop.height; ++y) {
    uint8_t* row = output.row(y);
    for (int x = 0; x < crop.width; ++x) {
      const Colour colour = PixelAt(input, crop, x, y, samples);
      for (size_t c = 0; c < 3; ++c) {
        row[static_cast<size_t>(x) * 3 + c] =
            static_cast<uint8_t>(std::lround(colour.values[c] * share));
      }
    }
  }
  return output;
}

}  // namespace deepcode
