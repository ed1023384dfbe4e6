#include "image/geometry.h"

#include <algorithm>
#include <cstring>

namespace deepcode {
namespace {

ImageView ViewOf(const RgbImage& image) {
  return {image.pixels.data(), image.width, image.height, RgbImage::kChannels};
}

RgbImage Filled(int width, int height, const Rgb& fill) {
  RgbImage out(width, height);
  for (size_t i = 0; i < out.pixels.size(); ++i) out.pixels[i] = fill[i % 3];
  return out;
}

}  // namespace

void FlipHorizontal(RgbImage& image) {
  for (int y = 0; y < image.height; ++y) {
    uint8_t* left = image.row(y);
    uint8_t* right = left + image.stride() - 3;
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

RgbImage Resized(const RgbImage& image, int width, int height, ResampleFilter filter) {
  RgbImage out(width, height);
  Resample(ViewOf(image), WholeImage(ViewOf(image), width, height, filter), out.pixels.data());
  return out;
}

RgbImage Resized(const RgbImage& image, const ResampleBox& box, int width, int height,
                 ResampleFilter filter) {
  RgbImage out(width, height);
  Resample(ViewOf(image), {filter, width, height, box, {0, 0, width, height}}, out.pixels.data());
  return out;
}

RgbImage ResizedAndCropped(const ImageView& image, const ResizeCrop& spec) {
  const ResampleWindow& crop = spec.crop;
  const int left = std::max(crop.left, 0);
  const int top = std::max(crop.top, 0);
  const int right = std::min(crop.left + crop.width, spec.width);
  const int bottom = std::min(crop.top + crop.height, spec.height);
  if (left >= right || top >= bottom) return Filled(crop.width, crop.height, spec.fill);
  ResampleSpec resample = WholeImage(image, spec.width, spec.height, spec.filter);
  resample.window = {left, top, right - left, bottom - top};
  RgbImage covered(resample.window.width, resample.window.height);
  Resample(image, resample, covered.pixels.data());
  const bool inside = covered.width == crop.width && covered.height == crop.height;
  if (inside) return covered;
  return Cropped(covered, {crop.left - left, crop.top - top, crop.width, crop.height}, spec.fill);
}

RgbImage Cropped(const RgbImage& image, const ResampleWindow& crop, const Rgb& fill) {
  RgbImage out = Filled(crop.width, crop.height, fill);
  const int from = std::max(0, -crop.left);
  const int to = std::min(crop.width, image.width - crop.left);
  if (from >= to) return out;
  const int end = std::min(crop.height, image.height - crop.top);
  for (int y = std::max(0, -crop.top); y < end; ++y) {
    std::memcpy(out.row(y) + 3 * from, image.row(crop.top + y) + 3 * (crop.left + from),
                static_cast<size_t>(to - from) * 3);
  }
  return out;
}

}  // namespace deepcode
