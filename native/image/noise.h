// Additive Gaussian noise, reproducible from its seed on every machine.
#pragma once

#include <cstdint>

#include "image/rgb_image.h"

namespace deepcode {

// Adds independent noise of standard deviation `sigma` grey levels to every sample, rounded and
// clipped to 0..255. The generator is SplitMix64 (Steele, Lea & Flood 2014), the transform Box and
// Muller's.
void AddGaussianNoise(RgbImage& image, double sigma, uint64_t seed);

}  // namespace deepcode
