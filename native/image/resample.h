// Pillow's two-pass 8-bit resampling, bit for bit.
//
// Columns first, then rows. Each pass accumulates in 32-bit fixed point, adds half a unit and clips
// to 8 bits, so the picture between the passes is 8-bit as well. A pass whose axis keeps its size
// and is not cropped is skipped. Only the part of the input that the window needs is read, which
// makes "resize the shortest side, then crop the centre" cost no more than the crop.
#pragma once

#include <cstdint>

#include "image/resample_kernel.h"

namespace deepcode {

// Interleaved 8-bit samples, height * width * channels, without padding. channels is 1 or 3.
struct ImageView {
  const uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 0;
};

// The part of the input to resize, in pixels, edges included: 0 <= left < right <= width.
struct ResampleBox {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
};

// The part of the resized picture to compute, in output pixels.
struct ResampleWindow {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

struct ResampleSpec {
  ResampleFilter filter = ResampleFilter::kBicubic;
  int width = 0;  // of the whole resized picture
  int height = 0;
  ResampleBox box;
  ResampleWindow window;
};

// Writes window.height * window.width * channels bytes to `out`. Throws Error(kInternal) when sizes
// are not positive, the box is not inside the input, or the window is not inside the output.
void Resample(const ImageView& input, const ResampleSpec& spec, uint8_t* out);

// The whole input to width x height, all of it wanted.
ResampleSpec WholeImage(const ImageView& input, int width, int height, ResampleFilter filter);

}  // namespace deepcode
