#include "image/warp.h"

#include <cmath>

#include "image/float_image.h"

namespace deepcode {
namespace {

void Interpolate(const RgbImage& image, float x, float y, uint8_t* out) {
  const float left = std::floor(x);
  const float top = std::floor(y);
  const float right_share = x - left;
  const float bottom_share = y - top;
  const int x0 = static_cast<int>(left);
  const int y0 = static_cast<int>(top);
  const uint8_t* rows[2] = {image.row(Mirror(y0, image.height)),
                            image.row(Mirror(y0 + 1, image.height))};
  const int columns[2] = {3 * Mirror(x0, image.width), 3 * Mirror(x0 + 1, image.width)};
  for (int c = 0; c < 3; ++c) {
    const float upper = rows[0][columns[0] + c] * (1.0f - right_share) +
                        rows[0][columns[1] + c] * right_share;
    const float lower = rows[1][columns[0] + c] * (1.0f - right_share) +
                        rows[1][columns[1] + c] * right_share;
    out[c] = static_cast<uint8_t>(upper + (lower - upper) * bottom_share + 0.5f);
  }
}

}  // namespace

void Warp(RgbImage& image, const std::array<double, 6>& matrix) {
  const RgbImage source = image;
  const auto& [a, b, c, d, e, f] = matrix;
  const double center_x = (image.width - 1) * 0.5;
  const double center_y = (image.height - 1) * 0.5;
  for (int y = 0; y < image.height; ++y) {
    uint8_t* out = image.row(y);
    for (int x = 0; x < image.width; ++x, out += 3) {
      const double dx = x - center_x;
      const double dy = y - center_y;
      Interpolate(source, static_cast<float>(center_x + a * dx + b * dy + c),
                  static_cast<float>(center_y + d * dx + e * dy + f), out);
    }
  }
}

}  // namespace deepcode
