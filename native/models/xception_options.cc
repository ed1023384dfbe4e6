#include "models/xception_options.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kLastChannels = 2048;

void Require(bool holds, const std::string& rule) {
  if (!holds) throw Error(ErrorCode::kConfig, "The Xception configuration needs " + rule + ".");
}

}  // namespace

int64_t ScaledChannels(int64_t channels, double width) {
  if (width == 1.0) return channels;
  return std::max<int64_t>(8, 8 * std::llround(static_cast<double>(channels) * width / 8));
}

int64_t XceptionFeatures(const XceptionOptions& o) {
  return o.adjust_channels > 0 ? o.adjust_channels : ScaledChannels(kLastChannels, o.width);
}

// Two convolutions without padding, the first of stride 2, then four poolings of 3 with stride 2.
int64_t XceptionFeatureSide(int64_t image_side) {
  int64_t side = (image_side - 3) / 2 + 1 - 2;
  for (int i = 0; i < 4; ++i) side = (side - 1) / 2 + 1;
  return image_side < 8 ? 0 : side;
}

void CheckXceptionOptions(const XceptionOptions& o) {
  Require(o.in_channels >= 1, "at least 1 channel");
  Require(o.num_classes >= 0 && o.adjust_channels >= 0, "counts of at least 0");
  Require(o.width > 0 && o.width <= 4, "a width above 0 to 4");
}

}  // namespace deepcode
