#include "image/bilateral.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "image/float_image.h"
#include "image/vectorize.h"

namespace deepcode {
namespace {

constexpr int kReach = 2;
constexpr int kReachSquared = 5;  // leaves out the corners of the 5 x 5 square

// One channel a plane, mirrored by kReach pixels on each side.
struct PaddedPlanes {
  explicit PaddedPlanes(const RgbImage& image)
      : width(static_cast<size_t>(image.width + 2 * kReach)) {
    for (auto& plane : planes) {
      plane.resize(width * static_cast<size_t>(image.height + 2 * kReach));
    }
    size_t at = 0;
    for (int y = -kReach; y < image.height + kReach; ++y) {
      const uint8_t* row = image.row(Mirror(y, image.height));
      for (int x = -kReach; x < image.width + kReach; ++x, ++at) {
        const uint8_t* pixel = row + 3 * Mirror(x, image.width);
        for (size_t c = 0; c < 3; ++c) planes[c][at] = pixel[c];
      }
    }
  }

  // Of the picture's pixel (x, y), which may lie up to kReach outside.
  size_t At(int x, int y) const {
    return static_cast<size_t>(y + kReach) * width + static_cast<size_t>(x + kReach);
  }

  size_t width;
  std::array<std::vector<float>, 3> planes;
};

struct Sums {
  explicit Sums(size_t count) : weight(count), red(count), green(count), blue(count) {}
  void Clear() {
    for (auto* each : {&weight, &red, &green, &blue}) std::fill(each->begin(), each->end(), 0.0f);
  }
  std::vector<float> weight, red, green, blue;
};

struct Neighbour {
  const float* __restrict red;
  const float* __restrict green;
  const float* __restrict blue;
};

DEEPCODE_VECTOR_CLONES
void AddNeighbour(Neighbour center, Neighbour other, float distance_weight, float inverse,
                  size_t count, float* __restrict weight, float* __restrict red,
                  float* __restrict green, float* __restrict blue) {
  for (size_t i = 0; i < count; ++i) {
    const float difference = std::fabs(other.red[i] - center.red[i]) +
                             std::fabs(other.green[i] - center.green[i]) +
                             std::fabs(other.blue[i] - center.blue[i]);
    const float near = std::max(1.0f - difference * difference * inverse, 0.0f);
    const float near2 = near * near;
    const float near4 = near2 * near2;
    const float w = distance_weight * near4 * near4;
    weight[i] += w;
    red[i] += w * other.red[i];
    green[i] += w * other.green[i];
    blue[i] += w * other.blue[i];
  }
}

void WriteRow(const Sums& sums, uint8_t* row) {
  for (size_t x = 0; x < sums.weight.size(); ++x) {
    const float scale = 1.0f / sums.weight[x];  // the pixel itself weighs 1
    row[3 * x] = static_cast<uint8_t>(sums.red[x] * scale + 0.5f);
    row[3 * x + 1] = static_cast<uint8_t>(sums.green[x] * scale + 0.5f);
    row[3 * x + 2] = static_cast<uint8_t>(sums.blue[x] * scale + 0.5f);
  }
}

}  // namespace

void BilateralFilter(RgbImage& image, double sigma, double tolerance) {
  const PaddedPlanes padded(image);
  const auto at = [&padded](int x, int y) {
    const size_t i = padded.At(x, y);
    return Neighbour{&padded.planes[0][i], &padded.planes[1][i], &padded.planes[2][i]};
  };
  const auto inverse = static_cast<float>(1.0 / (16.0 * tolerance * tolerance));
  const auto count = static_cast<size_t>(image.width);
  Sums sums(count);
  for (int y = 0; y < image.height; ++y) {
    sums.Clear();
    for (int dy = -kReach; dy <= kReach; ++dy) {
      for (int dx = -kReach; dx <= kReach; ++dx) {
        const int squared = dx * dx + dy * dy;
        if (squared > kReachSquared) continue;
        const auto near = static_cast<float>(std::exp(-0.5 * squared / (sigma * sigma)));
        AddNeighbour(at(0, y), at(dx, y + dy), near, inverse, count, sums.weight.data(),
                     sums.red.data(), sums.green.data(), sums.blue.data());
      }
    }
    WriteRow(sums, image.row(y));
  }
}

}  // namespace deepcode
