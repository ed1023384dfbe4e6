#include "image/upsampling_trace.h"

#include <algorithm>

namespace deepcode {
namespace {

// Tap k of 2m goes from input sample i to output sample 2i + k - (m - 1). Seen from the output
// sample 2x + phase, it reads input sample x + shift.
struct Tap {
  size_t phase;
  int shift;
  float weight;
};

std::vector<Tap> TapsOf(const UpsamplingTaps& weights) {
  std::vector<Tap> taps;
  const int reach = static_cast<int>(weights.size()) / 2 - 1;
  for (int k = 0; k < static_cast<int>(weights.size()); ++k) {
    const int phase = (k + reach) % 2;
    taps.push_back({static_cast<size_t>(phase), (phase + reach - k) / 2,
                    weights[static_cast<size_t>(k)]});
  }
  return taps;
}

void PadRow(const FloatImage& image, int y, int pad, float* padded) {
  const auto channels = static_cast<size_t>(image.channels);
  for (int x = -pad; x < image.width + pad; ++x, padded += channels) {
    const auto from = static_cast<size_t>(std::clamp(x, 0, image.width - 1));
    std::copy_n(image.row(y) + from * channels, channels, padded);
  }
}

// Pixels of the two rows in turn.
void Interleave(const std::vector<float>* phases, size_t channels, float* out) {
  for (size_t i = 0; i < phases[0].size(); i += channels) {
    for (size_t p = 0; p < 2; ++p, out += channels) {
      std::copy_n(phases[p].data() + i, channels, out);
    }
  }
}

FloatImage DoubledColumns(const FloatImage& image, const std::vector<Tap>& taps) {
  const int pad = static_cast<int>(taps.size()) / 4;
  const auto channels = static_cast<size_t>(image.channels);
  std::vector<float> padded(image.stride() + static_cast<size_t>(2 * pad) * channels);
  std::vector<float> phases[2] = {std::vector<float>(image.stride()),
                                  std::vector<float>(image.stride())};
  FloatImage out(2 * image.width, image.height, image.channels);
  for (int y = 0; y < image.height; ++y) {
    PadRow(image, y, pad, padded.data());
    for (auto& phase : phases) std::fill(phase.begin(), phase.end(), 0.0f);
    for (const Tap& tap : taps) {
      const float* from = &padded[static_cast<size_t>(pad + tap.shift) * channels];
      AddScaled(from, tap.weight, image.stride(), phases[tap.phase].data());
    }
    Interleave(phases, channels, out.row(y));
  }
  return out;
}

FloatImage DoubledRows(const FloatImage& image, const std::vector<Tap>& taps) {
  FloatImage out(image.width, 2 * image.height, image.channels);
  for (int y = 0; y < image.height; ++y) {
    for (const Tap& tap : taps) {
      const float* from = image.row(std::clamp(y + tap.shift, 0, image.height - 1));
      AddScaled(from, tap.weight, image.stride(), out.row(2 * y + static_cast<int>(tap.phase)));
    }
  }
  return out;
}

// Means of squares of `side` pixels; squares that reach outside repeat the edge.
FloatImage Pooled(const FloatImage& image, int side) {
  FloatImage out((image.width + side - 1) / side, (image.height + side - 1) / side,
                 image.channels);
  const auto channels = static_cast<size_t>(image.channels);
  const float share = 1.0f / static_cast<float>(side * side);
  std::vector<float> sum(image.stride());
  for (int y = 0; y < out.height; ++y) {
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (int i = 0; i < side; ++i) {
      AddScaled(image.row(std::min(y * side + i, image.height - 1)), share, sum.size(), sum.data());
    }
    for (int x = 0; x < out.width * side; ++x) {
      const auto from = static_cast<size_t>(std::min(x, image.width - 1)) * channels;
      float* to = out.row(y) + static_cast<size_t>(x / side) * channels;
      for (size_t c = 0; c < channels; ++c) to[c] += sum[from + c];
    }
  }
  return out;
}

}  // namespace

FloatImage Doubled(const FloatImage& image, const UpsamplingTaps& taps) {
  const std::vector<Tap> parsed = TapsOf(taps);
  return DoubledRows(DoubledColumns(image, parsed), parsed);
}

FloatImage Grown(FloatImage image, const std::vector<UpsamplingTaps>& levels) {
  for (const UpsamplingTaps& taps : levels) image = Doubled(image, taps);
  return image;
}

FloatImage TopLeft(const FloatImage& image, int width, int height) {
  FloatImage out(width, height, image.channels);
  for (int y = 0; y < height; ++y) std::copy_n(image.row(y), out.stride(), out.row(y));
  return out;
}

void UpsamplingTrace(RgbImage& image, const std::vector<UpsamplingTaps>& levels, double keep) {
  FloatImage original = ToFloat(image);
  const FloatImage grown = Grown(Pooled(original, 1 << levels.size()), levels);
  ScaleDifference(TopLeft(grown, image.width, image.height), static_cast<float>(keep), original);
  ToBytes(original, image);
}

}  // namespace deepcode
