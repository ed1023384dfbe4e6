// Fine detail replaced by noise that looks like it.
#pragma once

#include <cstdint>
#include <vector>

#include "image/upsampling_trace.h"

namespace deepcode {

struct SyntheticTexture {
  // The noise starts at 1 / 2^levels of the size and is doubled, as a generator's is.
  std::vector<UpsamplingTaps> levels;
  std::vector<float> grain;  // standard deviation of the white noise added after each level, 0..0.3
  double common = 0;         // share of the noise that the channels have in common, 0..1
  double noise_sigma = 0;    // the noise keeps what is finer than this, pixels
  double detail_sigma = 0;   // what is replaced of the picture is finer than this, pixels
  double keep = 0;           // share of the picture's own detail that stays, 0..1
  double amount = 0;         // of noise, against the detail's local energy
  uint64_t seed = 0;
};

// Local energy is the root of the mean square of the detail over the channels, averaged by a
// Gaussian of 4 pixels and limited to 8 grey levels.
void ReplaceTexture(RgbImage& image, const SyntheticTexture& texture);

}  // namespace deepcode
