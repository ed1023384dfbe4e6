// From the samples a decoder delivers to upright 8-bit RGB, with the arithmetic of Pillow's
// Image.convert("RGB") and ImageOps.exif_transpose.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/rgb_image.h"

namespace deepcode {

enum class PixelLayout {
  kGrey,       // 1 channel
  kGreyAlpha,  // 2 channels; alpha is dropped, not composited
  kRgb,        // 3 channels
  kRgba,       // 4 channels; alpha is dropped, not composited
  kCmyk,       // 4 channels, 255 = full ink
};

// How a 16-bit sample becomes 8-bit.
enum class SampleDepth {
  k8,
  k16HighByte,
  k16Clip,  // min(value, 255): what Pillow does with plain 16-bit grey (mode "I;16")
};

struct RawImage {
  const uint8_t* data = nullptr;  // height * width * channels samples, little-endian, no padding
  size_t bytes = 0;
  int width = 0;
  int height = 0;
  PixelLayout layout = PixelLayout::kRgb;
  SampleDepth depth = SampleDepth::k8;
};

int ChannelsOf(PixelLayout layout);

// The upright picture. `orientation` is the EXIF tag, 1 to 8; 5 to 8 exchange width and height.
// Throws Error(kInternal) when the sizes do not fit together.
RgbImage UnpackRgb(const RawImage& raw, int orientation);

}  // namespace deepcode
