#include "image/color.h"

#include <algorithm>
#include <cmath>

namespace deepcode {
namespace {

// ITU-R 601-2 luma as torchvision weighs it, truncated to 8 bits.
inline uint8_t Luma(const uint8_t* pixel) {
  return static_cast<uint8_t>(0.2989f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2]);
}

// factor * value + (1 - factor) * other
struct Blend {
  explicit Blend(double factor)
      : keep(static_cast<float>(factor)), mix(static_cast<float>(1.0 - factor)) {}
  uint8_t operator()(uint8_t value, float other) const {
    return static_cast<uint8_t>(std::clamp(keep * value + mix * other, 0.0f, 255.0f));
  }
  float keep;
  float mix;
};

struct Hsv {
  float h, s, v;
};

Hsv ToHsv(float r, float g, float b) {
  const float high = std::max({r, g, b});
  const float low = std::min({r, g, b});
  if (high == low) return {0.0f, 0.0f, high};
  const float range = high - low;
  const float rc = (high - r) / range;
  const float gc = (high - g) / range;
  const float bc = (high - b) / range;
  float h = 4.0f + gc - rc;
  if (high == r) {
    h = bc - gc;
  } else if (high == g) {
    h = 2.0f + rc - bc;
  }
  return {std::fmod(h / 6.0f + 1.0f, 1.0f), range / high, high};
}

void ToRgb(const Hsv& hsv, float* rgb) {
  const float sector = std::floor(hsv.h * 6.0f);
  const float f = hsv.h * 6.0f - sector;
  const float v = hsv.v;
  const float p = std::clamp(v * (1.0f - hsv.s), 0.0f, 1.0f);
  const float q = std::clamp(v * (1.0f - hsv.s * f), 0.0f, 1.0f);
  const float t = std::clamp(v * (1.0f - hsv.s * (1.0f - f)), 0.0f, 1.0f);
  const float table[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  std::copy_n(table[static_cast<int>(sector) % 6], 3, rgb);
}

inline uint8_t ToByte(float value) {
  constexpr float kScale = static_cast<float>(255.0 + 1.0 - 1e-3);
  return static_cast<uint8_t>(value * kScale);
}

}  // namespace

void AdjustBrightness(RgbImage& image, double factor) {
  const Blend blend(factor);
  for (uint8_t& value : image.pixels) value = blend(value, 0.0f);
}

void AdjustContrast(RgbImage& image, double factor) {
  uint64_t sum = 0;
  for (size_t i = 0; i < image.pixels.size(); i += 3) sum += Luma(&image.pixels[i]);
  const double count = static_cast<double>(image.pixels.size() / 3);
  const auto mean = static_cast<float>(static_cast<double>(sum) / count);
  const Blend blend(factor);
  for (uint8_t& value : image.pixels) value = blend(value, mean);
}

void AdjustSaturation(RgbImage& image, double factor) {
  const Blend blend(factor);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    uint8_t* pixel = &image.pixels[i];
    const float grey = Luma(pixel);
    for (int c = 0; c < 3; ++c) pixel[c] = blend(pixel[c], grey);
  }
}

void AdjustHue(RgbImage& image, double shift) {
  const auto turn = static_cast<float>(shift);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    uint8_t* pixel = &image.pixels[i];
    Hsv hsv = ToHsv(pixel[0] / 255.0f, pixel[1] / 255.0f, pixel[2] / 255.0f);
    hsv.h = std::fmod(hsv.h + turn, 1.0f);
    if (hsv.h < 0.0f) hsv.h += 1.0f;
    float rgb[3];
    ToRgb(hsv, rgb);
    for (int c = 0; c < 3; ++c) pixel[c] = ToByte(rgb[c]);
  }
}

void AdjustChannels(RgbImage& image, const std::array<double, 3>& gains,
                    const std::array<double, 3>& offsets) {
  for (size_t c = 0; c < 3; ++c) {
    uint8_t table[256];
    for (int i = 0; i < 256; ++i) {
      const double value = std::clamp(gains[c] * i + offsets[c], 0.0, 255.0);
      table[i] = static_cast<uint8_t>(value + 0.5);
    }
    for (size_t i = c; i < image.pixels.size(); i += 3) image.pixels[i] = table[image.pixels[i]];
  }
}

}  // namespace deepcode
