#include "image/synthetic_texture.h"

#include <algorithm>
#include <cmath>

#include "image/gaussian.h"
#include "runtime/split_mix.h"

namespace deepcode {
namespace {

constexpr double kEnergySigma = 4.0;
constexpr float kLargestEnergy = 8.0f;
// The mean of three independent channels varies less than one of them by this factor.
constexpr float kMeanToChannel = 1.7320508f;

FloatImage WhiteNoise(int width, int height, float common, SplitMix64& random) {
  FloatImage noise(width, height, RgbImage::kChannels);
  for (size_t i = 0; i < noise.values.size(); i += 3) {
    float* pixel = &noise.values[i];
    for (size_t c = 0; c < 3; ++c) pixel[c] = random.NearlyNormal();
    const float mean = (pixel[0] + pixel[1] + pixel[2]) / 3.0f * kMeanToChannel;
    for (size_t c = 0; c < 3; ++c) pixel[c] += common * (mean - pixel[c]);
  }
  return noise;
}

void AddGrain(FloatImage& image, float deviation, SplitMix64& random) {
  for (float& value : image.values) value += deviation * random.NearlyNormal();
}

void NormalizeEnergy(FloatImage& image) {
  double sum = 0.0;
  for (const float value : image.values) sum += static_cast<double>(value) * value;
  const double deviation = std::sqrt(sum / static_cast<double>(image.values.size()));
  const auto scale = static_cast<float>(1.0 / (deviation + 1e-6));
  for (float& value : image.values) value *= scale;
}

// Band-limited noise of mean square 1.
FloatImage TextureNoise(int width, int height, const SyntheticTexture& texture) {
  SplitMix64 random(texture.seed);
  const int side = 1 << texture.levels.size();
  FloatImage noise = WhiteNoise((width + side - 1) / side, (height + side - 1) / side,
                                static_cast<float>(texture.common), random);
  for (size_t i = 0; i < texture.levels.size(); ++i) {
    noise = Doubled(noise, texture.levels[i]);
    AddGrain(noise, texture.grain[i], random);
  }
  noise = TopLeft(noise, width, height);
  const FloatImage coarse = GaussianFiltered(noise, texture.noise_sigma);
  for (size_t i = 0; i < noise.values.size(); ++i) noise.values[i] -= coarse.values[i];
  NormalizeEnergy(noise);
  return noise;
}

// One channel: the local energy of the difference of the two pictures.
FloatImage LocalEnergy(const FloatImage& image, const FloatImage& base) {
  FloatImage energy(image.width, image.height, 1);
  for (size_t i = 0; i < energy.values.size(); ++i) {
    for (size_t c = 3 * i; c < 3 * i + 3; ++c) {
      const float detail = image.values[c] - base.values[c];
      energy.values[i] += detail * detail / 3.0f;
    }
  }
  energy = GaussianFiltered(energy, kEnergySigma);
  for (float& value : energy.values) value = std::min(std::sqrt(value), kLargestEnergy);
  return energy;
}

}  // namespace

void ReplaceTexture(RgbImage& image, const SyntheticTexture& texture) {
  FloatImage result = ToFloat(image);
  const FloatImage base = GaussianFiltered(result, texture.detail_sigma);
  const FloatImage energy = LocalEnergy(result, base);
  const FloatImage noise = TextureNoise(image.width, image.height, texture);
  ScaleDifference(base, static_cast<float>(texture.keep), result);
  const auto amount = static_cast<float>(texture.amount);
  for (size_t i = 0; i < energy.values.size(); ++i) {
    const float gain = amount * energy.values[i];
    for (size_t c = 3 * i; c < 3 * i + 3; ++c) result.values[c] += gain * noise.values[c];
  }
  ToBytes(result, image);
}

}  // namespace deepcode
