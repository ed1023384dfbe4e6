#include "image/resample_kernel.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace deepcode {
namespace {

constexpr double kPi = 3.14159265358979323846;

double Box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double Bilinear(double x) { return std::max(0.0, 1.0 - std::fabs(x)); }

double Hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= kPi;
  return std::sin(x) / x * (0.54 + 0.46 * std::cos(x));
}

// Keys' cubic convolution kernel with a = -0.5.
double Bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

double Sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= kPi;
  return std::sin(x) / x;
}

double Lanczos(double x) { return x >= -3.0 && x < 3.0 ? Sinc(x) * Sinc(x / 3) : 0.0; }

struct Kernel {
  double (*value)(double);
  double support;  // half width, in input samples at scale 1
};

Kernel KernelOf(ResampleFilter filter) {
  switch (filter) {
    case ResampleFilter::kNearest:  // has no kernel: see NearestWeights
    case ResampleFilter::kBox:
      return {Box, 0.5};
    case ResampleFilter::kBilinear:
      return {Bilinear, 1.0};
    case ResampleFilter::kHamming:
      return {Hamming, 1.0};
    case ResampleFilter::kBicubic:
      return {Bicubic, 2.0};
    case ResampleFilter::kLanczos:
      return {Lanczos, 3.0};
  }
  return {Bicubic, 2.0};
}

int32_t ToFixedPoint(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

// The input sample under the centre of each output sample, with weight 1. Positions are summed up
// step by step, as Pillow's affine walk does, so that ties fall to the same side.
ResampleWeights NearestWeights(int input_size, float begin, double scale, int first, int count) {
  ResampleWeights result;
  result.width = 1;
  result.weights.assign(static_cast<size_t>(count), 1 << kWeightBits);
  double position = begin + scale * 0.5;
  for (int i = 0; i < first + count; ++i, position += scale) {
    const int sample = std::clamp(static_cast<int>(position), 0, input_size - 1);
    if (i >= first) result.taps.push_back({sample, 1});
  }
  return result;
}

}  // namespace

int ResampleWeights::first_input() const {
  int lowest = INT_MAX;
  for (const ResampleTap& tap : taps) lowest = std::min(lowest, tap.first);
  return lowest;
}

int ResampleWeights::end_input() const {
  int highest = 0;
  for (const ResampleTap& tap : taps) highest = std::max(highest, tap.first + tap.count);
  return highest;
}

ResampleWeights MakeResampleWeights(ResampleFilter filter, int input_size, float begin, float end,
                                    int output_size, int first, int count) {
  const Kernel kernel = KernelOf(filter);
  const double scale = static_cast<double>(end - begin) / output_size;
  if (filter == ResampleFilter::kNearest) {
    return NearestWeights(input_size, begin, scale, first, count);
  }
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  const double inverse = 1.0 / stretch;

  ResampleWeights result;
  result.width = static_cast<int>(std::ceil(support)) * 2 + 1;
  result.taps.resize(static_cast<size_t>(count));
  result.weights.resize(static_cast<size_t>(count) * static_cast<size_t>(result.width));
  std::vector<double> row(static_cast<size_t>(result.width));
  for (int i = 0; i < count; ++i) {
    const double center = begin + (first + i + 0.5) * scale;
    const int low = std::max(static_cast<int>(center - support + 0.5), 0);
    const int high = std::min(static_cast<int>(center + support + 0.5), input_size);
    double sum = 0.0;
    for (int x = low; x < high; ++x) {
      const double weight = kernel.value((x - center + 0.5) * inverse);
      row[static_cast<size_t>(x - low)] = weight;
      sum += weight;
    }
    int32_t* out = result.weights.data() + static_cast<size_t>(i) * row.size();
    for (int x = 0; x < high - low; ++x) {
      const double weight = row[static_cast<size_t>(x)];
      out[x] = ToFixedPoint(sum != 0.0 ? weight / sum : weight);
    }
    result.taps[static_cast<size_t>(i)] = {low, high - low};
  }
  return result;
}

}  // namespace deepcode
