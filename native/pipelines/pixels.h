// From interleaved 8-bit images to a network's input.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

// Images as they come from a decoder: count x height x width x channels bytes, borrowed for the call.
struct ImageBatch {
  const uint8_t* data;
  int64_t count;
};

struct ImageShape {
  int64_t channels;
  int64_t height;  // pixels
  int64_t width;
};

struct PixelOptions {
  int64_t height;
  int64_t width;
  int64_t channels;
  std::vector<double> mean;  // per channel, of values scaled to [0, 1]
  std::vector<double> std;   // per channel, > 0
};

// (pixel / 255 - mean) / std as [N, C, H, W] in `dtype` on `device`.
at::Tensor NormalizedPixels(const ImageBatch& images, const PixelOptions& options,
                            at::Device device, at::ScalarType dtype);

}  // namespace deepcode
