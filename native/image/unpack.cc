#include "image/unpack.h"

#include <algorithm>

#include "runtime/error.h"

namespace deepcode {
namespace {

// round(a * b / 255) without a division.
inline int MultiplyDivide255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

template <SampleDepth kDepth>
inline uint8_t Sample(const uint8_t* data, int i) {
  if constexpr (kDepth == SampleDepth::k8) return data[i];
  const uint8_t low = data[2 * i];
  const uint8_t high = data[2 * i + 1];
  if constexpr (kDepth == SampleDepth::k16HighByte) return high;
  return high == 0 ? low : 255;
}

template <PixelLayout kLayout, SampleDepth kDepth>
inline void ConvertPixel(const uint8_t* in, uint8_t* out) {
  if constexpr (kLayout == PixelLayout::kGrey || kLayout == PixelLayout::kGreyAlpha) {
    out[0] = out[1] = out[2] = Sample<kDepth>(in, 0);
  } else if constexpr (kLayout == PixelLayout::kRgb || kLayout == PixelLayout::kRgba) {
    for (int c = 0; c < 3; ++c) out[c] = Sample<kDepth>(in, c);
  } else {
    const int light = 255 - Sample<kDepth>(in, 3);
    for (int c = 0; c < 3; ++c) {
      const int absorbed = MultiplyDivide255(Sample<kDepth>(in, c), light);
      out[c] = static_cast<uint8_t>(std::clamp(light - absorbed, 0, 255));
    }
  }
}

// The walk over the source that visits its pixels in the order of the upright picture: the first
// pixel, and the steps to the next pixel and to the next row, all counted in pixels.
struct Walk {
  ptrdiff_t first;
  ptrdiff_t step_x;
  ptrdiff_t step_y;
};

Walk WalkOf(int orientation, ptrdiff_t width, ptrdiff_t height) {
  const ptrdiff_t last_row = (height - 1) * width;
  switch (orientation) {
    case 2:
      return {width - 1, -1, width};
    case 3:
      return {last_row + width - 1, -1, -width};
    case 4:
      return {last_row, 1, -width};
    case 5:
      return {0, width, 1};
    case 6:
      return {last_row, -width, 1};
    case 7:
      return {last_row + width - 1, -width, -1};
    case 8:
      return {width - 1, width, -1};
    default:
      return {0, 1, width};
  }
}

template <PixelLayout kLayout, SampleDepth kDepth>
void Convert(const RawImage& raw, const Walk& walk, RgbImage& out) {
  const ptrdiff_t pixel = ChannelsOf(kLayout) * (kDepth == SampleDepth::k8 ? 1 : 2);
  const uint8_t* row = raw.data + walk.first * pixel;
  for (int y = 0; y < out.height; ++y, row += walk.step_y * pixel) {
    const uint8_t* in = row;
    uint8_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x, in += walk.step_x * pixel, to += RgbImage::kChannels) {
      ConvertPixel<kLayout, kDepth>(in, to);
    }
  }
}

template <PixelLayout kLayout>
void ConvertLayout(const RawImage& raw, const Walk& walk, RgbImage& out) {
  switch (raw.depth) {
    case SampleDepth::k8:
      return Convert<kLayout, SampleDepth::k8>(raw, walk, out);
    case SampleDepth::k16HighByte:
      return Convert<kLayout, SampleDepth::k16HighByte>(raw, walk, out);
    case SampleDepth::k16Clip:
      return Convert<kLayout, SampleDepth::k16Clip>(raw, walk, out);
  }
}

void Dispatch(const RawImage& raw, const Walk& walk, RgbImage& out) {
  switch (raw.layout) {
    case PixelLayout::kGrey:
      return ConvertLayout<PixelLayout::kGrey>(raw, walk, out);
    case PixelLayout::kGreyAlpha:
      return ConvertLayout<PixelLayout::kGreyAlpha>(raw, walk, out);
    case PixelLayout::kRgb:
      return ConvertLayout<PixelLayout::kRgb>(raw, walk, out);
    case PixelLayout::kRgba:
      return ConvertLayout<PixelLayout::kRgba>(raw, walk, out);
    case PixelLayout::kCmyk:
      return ConvertLayout<PixelLayout::kCmyk>(raw, walk, out);
  }
}

}  // namespace

int ChannelsOf(PixelLayout layout) {
  switch (layout) {
    case PixelLayout::kGrey:
      return 1;
    case PixelLayout::kGreyAlpha:
      return 2;
    case PixelLayout::kRgb:
      return 3;
    default:
      return 4;
  }
}

RgbImage UnpackRgb(const RawImage& raw, int orientation) {
  const size_t sample_bytes = raw.depth == SampleDepth::k8 ? 1 : 2;
  const size_t pixels =
      static_cast<size_t>(std::max(raw.width, 0)) * static_cast<size_t>(std::max(raw.height, 0));
  const size_t expected = pixels * sample_bytes * static_cast<size_t>(ChannelsOf(raw.layout));
  if (raw.data == nullptr || expected == 0 || raw.bytes != expected) {
    throw Error(ErrorCode::kInternal, "Decoded pixels do not match their width and height.");
  }
  const bool turned = orientation >= 5 && orientation <= 8;
  RgbImage out = turned ? RgbImage(raw.height, raw.width) : RgbImage(raw.width, raw.height);
  Dispatch(raw, WalkOf(orientation, raw.width, raw.height), out);
  return out;
}

}  // namespace deepcode
