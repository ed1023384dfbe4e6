// Filter kernels and fixed-point weights of Pillow's 8-bit resampling.
//
// Reference: the Pillow handbook, "Filters", and the behaviour of Image.resize in Pillow 12.
// A weight is a filter sampled at pixel centres, normalised to sum 1 in double precision, then
// rounded half away from zero to 22 fractional bits. With 8-bit samples that leaves 2 bits of a
// 32-bit accumulator for overshoot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deepcode {

enum class ResampleFilter { kNearest, kBox, kBilinear, kHamming, kBicubic, kLanczos };

inline constexpr int kWeightBits = 22;

// The input samples of one output sample: its weight i belongs to input sample first + i.
struct ResampleTap {
  int first = 0;
  int count = 0;
};

// Weights of a run of output samples along one axis.
struct ResampleWeights {
  std::vector<ResampleTap> taps;  // one per output sample
  std::vector<int32_t> weights;   // taps.size() rows of `width` values; unused places are 0
  int width = 0;

  const int32_t* row(size_t i) const { return weights.data() + i * static_cast<size_t>(width); }
  int first_input() const;  // lowest input sample any tap reads
  int end_input() const;    // one past the highest
};

// Output samples [first, first + count) of an axis on which the input interval [begin, end) of
// `input_size` samples is stretched over `output_size` samples. When shrinking, the filter is
// widened by the scale, which is what antialiasing means here.
// The edges and their difference are single precision, as in Pillow.
ResampleWeights MakeResampleWeights(ResampleFilter filter, int input_size, float begin, float end,
                                    int output_size, int first, int count);

}  // namespace deepcode
