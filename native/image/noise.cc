#include "image/noise.h"

#include <algorithm>
#include <cmath>

#include "runtime/split_mix.h"

namespace deepcode {
namespace {

class NormalPairs {
 public:
  explicit NormalPairs(uint64_t seed) : random_(seed) {}

  // Two independent standard normal values from one 64-bit draw.
  void Next(float* pair) {
    const uint64_t bits = random_.Next();
    // The first uniform lies in (0, 1], so that its logarithm is finite.
    const float radius = std::sqrt(-2.0f * std::log(Unit(bits >> 40) + kStep));
    const float angle = 6.283185307f * Unit((bits >> 16) & 0xffffff);
    pair[0] = radius * std::cos(angle);
    pair[1] = radius * std::sin(angle);
  }

 private:
  static constexpr float kStep = 1.0f / (1 << 24);

  static float Unit(uint64_t bits24) { return static_cast<float>(bits24) * kStep; }

  SplitMix64 random_;
};

}  // namespace

void AddGaussianNoise(RgbImage& image, double sigma, uint64_t seed) {
  NormalPairs normal(seed);
  const auto scale = static_cast<float>(sigma);
  float pair[2];
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    if (i % 2 == 0) normal.Next(pair);
    const float value = std::nearbyint(image.pixels[i] + scale * pair[i % 2]);
    image.pixels[i] = static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
  }
}

}  // namespace deepcode
