#include "image/band_gain.h"

#include <cmath>

#include "image/float_image.h"
#include "image/gaussian.h"

namespace deepcode {
namespace {

constexpr std::array<double, kLumaBands> kSigmas = {0.5, 1.0, 2.0, 4.0, 8.0};

struct LumaChroma {
  FloatImage luma;    // 1 channel
  FloatImage chroma;  // 2 channels: red and blue less luma; green follows from them
};

LumaChroma Split(const RgbImage& image) {
  LumaChroma parts = {FloatImage(image.width, image.height, 1),
                      FloatImage(image.width, image.height, 2)};
  for (size_t i = 0; i < parts.luma.values.size(); ++i) {
    const uint8_t* pixel = &image.pixels[3 * i];
    const float luma = 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
    parts.luma.values[i] = luma;
    parts.chroma.values[2 * i] = pixel[0] - luma;
    parts.chroma.values[2 * i + 1] = pixel[2] - luma;
  }
  return parts;
}

void Join(const LumaChroma& parts, RgbImage& image) {
  FloatImage rgb(image.width, image.height, RgbImage::kChannels);
  for (size_t i = 0; i < parts.luma.values.size(); ++i) {
    const float red = parts.chroma.values[2 * i];
    const float blue = parts.chroma.values[2 * i + 1];
    float* pixel = &rgb.values[3 * i];
    pixel[0] = parts.luma.values[i] + red;
    pixel[1] = parts.luma.values[i] - (0.299f * red + 0.114f * blue) / 0.587f;
    pixel[2] = parts.luma.values[i] + blue;
  }
  ToBytes(rgb, image);
}

// What is left after the coarsest blur, plus every band by its gain. Each blur starts from the one
// before, whose sigma it only has to make up to its own.
FloatImage WithGains(const FloatImage& luma, const std::array<double, kLumaBands>& gains) {
  FloatImage result(luma.width, luma.height, 1);
  FloatImage finer = luma;
  double reached = 0.0;
  for (size_t band = 0; band < kLumaBands; ++band) {
    const double sigma = kSigmas[band];
    FloatImage coarser = GaussianFiltered(finer, std::sqrt(sigma * sigma - reached * reached));
    const auto gain = static_cast<float>(gains[band]);
    AddScaled(finer.values.data(), gain, finer.values.size(), result.values.data());
    AddScaled(coarser.values.data(), -gain, finer.values.size(), result.values.data());
    finer = std::move(coarser);
    reached = sigma;
  }
  AddScaled(finer.values.data(), 1.0f, finer.values.size(), result.values.data());
  return result;
}

}  // namespace

void ScaleBands(RgbImage& image, const std::array<double, kLumaBands>& luma, double chroma) {
  LumaChroma parts = Split(image);
  parts.luma = WithGains(parts.luma, luma);
  const FloatImage coarse = GaussianFiltered(parts.chroma, kSigmas.back());
  ScaleDifference(coarse, static_cast<float>(chroma), parts.chroma);
  Join(parts, image);
}

}  // namespace deepcode
