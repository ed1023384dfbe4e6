// Photometric adjustments of 8-bit RGB with the arithmetic of torchvision.transforms.v2.functional
// on uint8 tensors: single precision, clamped to 0..255, truncated. No fused multiply-add, so that
// every processor gives the same pixels; torchvision's may differ by one grey level.
#pragma once

#include <array>

#include "image/rgb_image.h"

namespace deepcode {

void AdjustBrightness(RgbImage& image, double factor);  // factor >= 0; 0 is black, 1 no change
void AdjustContrast(RgbImage& image, double factor);    // 0 is the mean grey
void AdjustSaturation(RgbImage& image, double factor);  // 0 is greyscale
void AdjustHue(RgbImage& image, double shift);          // -0.5..0.5 turns of the colour circle

// Each channel times its gain plus its offset in grey levels, rounded and clipped.
void AdjustChannels(RgbImage& image, const std::array<double, 3>& gains,
                    const std::array<double, 3>& offsets);

}  // namespace deepcode
