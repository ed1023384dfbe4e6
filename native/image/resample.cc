#include "image/resample.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "image/vectorize.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// Rows the horizontal pass works on together. Interleaved column by column they give every input
// column kBlockRows * channels neighbouring bytes that share one weight: full vectors, no gather.
constexpr int kBlockRows = 16;
constexpr int32_t kHalf = 1 << (kWeightBits - 1);

inline uint8_t Round(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

// One output column for kLanes samples: out[lane] = round(sum_i weights[i] * in[i][lane]).
template <int kLanes>
inline __attribute__((always_inline)) void BlockColumn(const uint8_t* in, const int32_t* weights,
                                                       int count, uint8_t* out) {
  int32_t sum[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) sum[lane] = kHalf;
  for (int i = 0; i < count; ++i, in += kLanes) {
    const int32_t weight = weights[i];
    for (int lane = 0; lane < kLanes; ++lane) sum[lane] += in[lane] * weight;
  }
  for (int lane = 0; lane < kLanes; ++lane) out[lane] = Round(sum[lane]);
}

DEEPCODE_VECTOR_CLONES
void BlockColumnRgb(const uint8_t* in, const int32_t* weights, int count, uint8_t* out) {
  BlockColumn<kBlockRows * 3>(in, weights, count, out);
}

DEEPCODE_VECTOR_CLONES
void BlockColumnGrey(const uint8_t* in, const int32_t* weights, int count, uint8_t* out) {
  BlockColumn<kBlockRows>(in, weights, count, out);
}

// sum[i] += row[i] * weight
DEEPCODE_VECTOR_CLONES
void AccumulateRow(const uint8_t* row, int32_t weight, size_t count, int32_t* sum) {
  for (size_t i = 0; i < count; ++i) sum[i] += row[i] * weight;
}

DEEPCODE_VECTOR_CLONES
void RoundRow(const int32_t* sum, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = Round(sum[i]);
}

template <int kChannels>
void Interleave(const uint8_t* source, size_t stride, int rows, int columns, uint8_t* block) {
  for (int r = 0; r < rows; ++r) {
    const uint8_t* from = source + static_cast<size_t>(r) * stride;
    uint8_t* to = block + r * kChannels;
    for (int x = 0; x < columns; ++x, from += kChannels, to += kBlockRows * kChannels) {
      std::memcpy(to, from, kChannels);
    }
  }
}

template <int kChannels>
void Scatter(const uint8_t* column, int rows, size_t stride, uint8_t* out) {
  for (int r = 0; r < rows; ++r) {
    std::memcpy(out + static_cast<size_t>(r) * stride, column + r * kChannels, kChannels);
  }
}

// Resamples `rows` rows of `input`, the first at source row `first_row`, to tightly packed rows of
// taps.size() pixels.
template <int kChannels>
void HorizontalPass(const ImageView& input, const ResampleWeights& weights, int first_row, int rows,
                    uint8_t* out) {
  const int first_column = weights.first_input();
  const int columns = weights.end_input() - first_column;
  const size_t in_stride = static_cast<size_t>(input.width) * kChannels;
  const size_t out_stride = weights.taps.size() * kChannels;
  std::vector<uint8_t> block(static_cast<size_t>(columns) * kBlockRows * kChannels);
  uint8_t column[kBlockRows * kChannels];
  for (int top = 0; top < rows; top += kBlockRows) {
    const int block_rows = std::min(kBlockRows, rows - top);
    const uint8_t* source = input.data + static_cast<size_t>(first_row + top) * in_stride +
                            static_cast<size_t>(first_column) * kChannels;
    Interleave<kChannels>(source, in_stride, block_rows, columns, block.data());
    uint8_t* out_row = out + static_cast<size_t>(top) * out_stride;
    for (size_t x = 0; x < weights.taps.size(); ++x) {
      const ResampleTap tap = weights.taps[x];
      const size_t from = static_cast<size_t>(tap.first - first_column) * kBlockRows * kChannels;
      const auto kernel = kChannels == 3 ? BlockColumnRgb : BlockColumnGrey;
      kernel(block.data() + from, weights.row(x), tap.count, column);
      Scatter<kChannels>(column, block_rows, out_stride, out_row + x * kChannels);
    }
  }
}

// `rows` starts at source row `first_row`; each holds `samples` bytes.
void VerticalPass(const uint8_t* rows, size_t samples, int first_row,
                  const ResampleWeights& weights, uint8_t* out) {
  std::vector<int32_t> sum(samples);
  for (size_t y = 0; y < weights.taps.size(); ++y) {
    const ResampleTap tap = weights.taps[y];
    std::fill(sum.begin(), sum.end(), kHalf);
    for (int i = 0; i < tap.count; ++i) {
      const size_t row = static_cast<size_t>(tap.first - first_row + i);
      AccumulateRow(rows + row * samples, weights.row(y)[i], samples, sum.data());
    }
    RoundRow(sum.data(), samples, out + y * samples);
  }
}

void CheckSpec(const ImageView& input, const ResampleSpec& spec) {
  const ResampleBox& box = spec.box;
  const ResampleWindow& window = spec.window;
  const bool sizes = input.data != nullptr && input.width > 0 && input.height > 0 &&
                     spec.width > 0 && spec.height > 0 &&
                     (input.channels == 1 || input.channels == 3);
  const bool boxed = box.left >= 0 && box.top >= 0 && box.left < box.right &&
                     box.top < box.bottom && box.right <= static_cast<float>(input.width) &&
                     box.bottom <= static_cast<float>(input.height);
  const bool windowed = window.left >= 0 && window.top >= 0 && window.width > 0 &&
                        window.height > 0 && window.left <= spec.width - window.width &&
                        window.top <= spec.height - window.height;
  if (!sizes || !boxed || !windowed) {
    throw Error(ErrorCode::kInternal, "Expected resize sizes, box and window inside the image.");
  }
}

bool IsResampled(int input_size, float begin, float end, int output_size) {
  return output_size != input_size || begin != 0.0f || end != static_cast<float>(input_size);
}

// Copies the window when its columns are not resampled.
void CopyWindow(const ImageView& input, const ResampleWindow& window, uint8_t* out) {
  const size_t channels = static_cast<size_t>(input.channels);
  const size_t bytes = static_cast<size_t>(window.width) * channels;
  for (int y = 0; y < window.height; ++y) {
    const size_t row = static_cast<size_t>(window.top + y) * static_cast<size_t>(input.width);
    const size_t pixel = row + static_cast<size_t>(window.left);
    std::memcpy(out + static_cast<size_t>(y) * bytes, input.data + pixel * channels, bytes);
  }
}

void Columns(const ImageView& input, const ResampleSpec& spec, bool resampled, int first_row,
             int rows, uint8_t* out) {
  if (!resampled) {
    CopyWindow(input, {spec.window.left, first_row, spec.window.width, rows}, out);
    return;
  }
  const ResampleWeights weights =
      MakeResampleWeights(spec.filter, input.width, spec.box.left, spec.box.right, spec.width,
                          spec.window.left, spec.window.width);
  const auto pass = input.channels == 3 ? HorizontalPass<3> : HorizontalPass<1>;
  pass(input, weights, first_row, rows, out);
}

}  // namespace

ResampleSpec WholeImage(const ImageView& input, int width, int height, ResampleFilter filter) {
  return {filter,
          width,
          height,
          {0.0f, 0.0f, static_cast<float>(input.width), static_cast<float>(input.height)},
          {0, 0, width, height}};
}

void Resample(const ImageView& input, const ResampleSpec& spec, uint8_t* out) {
  CheckSpec(input, spec);
  const ResampleBox& box = spec.box;
  const bool horizontal = IsResampled(input.width, box.left, box.right, spec.width);
  const bool vertical = IsResampled(input.height, box.top, box.bottom, spec.height);
  if (!vertical) {
    Columns(input, spec, horizontal, spec.window.top, spec.window.height, out);
    return;
  }
  const ResampleWeights weights =
      MakeResampleWeights(spec.filter, input.height, box.top, box.bottom, spec.height,
                          spec.window.top, spec.window.height);
  const int first_row = weights.first_input();
  const int rows = weights.end_input() - first_row;
  const size_t samples =
      static_cast<size_t>(spec.window.width) * static_cast<size_t>(input.channels);
  std::vector<uint8_t> between(samples * static_cast<size_t>(rows));
  Columns(input, spec, horizontal, first_row, rows, between.data());
  VerticalPass(between.data(), samples, first_row, weights, out);
}

}  // namespace deepcode
