#include "pipelines/cut_mix.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace deepcode {
namespace {

// From `begin` (inclusive) to `end` (exclusive).
struct Span {
  int64_t begin, end;
};

Span SpanAround(double center, double share, int64_t size) {
  const int64_t middle = static_cast<int64_t>(center * static_cast<double>(size));
  const int64_t length = static_cast<int64_t>(share * static_cast<double>(size));
  const int64_t begin = middle - length / 2;
  return {std::clamp<int64_t>(begin, 0, size), std::clamp<int64_t>(begin + length, 0, size)};
}

}  // namespace

CutMix DrawCutMix(int64_t count, int64_t height, int64_t width, const at::Generator& generator) {
  const at::Tensor drawn = at::rand({3}, generator, at::TensorOptions(at::kDouble));
  const double* values = drawn.const_data_ptr<double>();
  const double share = std::sqrt(1.0 - values[0]);
  const Span rows = SpanAround(values[1], share, height), columns = SpanAround(values[2], share, width);
  const int64_t pasted = (rows.end - rows.begin) * (columns.end - columns.begin);
  return {.partners = at::randperm(count, generator, at::TensorOptions(at::kLong)),
          .top = rows.begin,
          .left = columns.begin,
          .bottom = rows.end,
          .right = columns.end,
          .kept = 1.0 - static_cast<double>(pasted) / static_cast<double>(height * width)};
}

at::Tensor MixPixels(const at::Tensor& pixels, const CutMix& mix) {
  const auto rectangle = [&](const at::Tensor& images) {
    return images.slice(2, mix.top, mix.bottom).slice(3, mix.left, mix.right);
  };
  at::Tensor mixed = pixels.clone();
  rectangle(mixed).copy_(rectangle(pixels).index_select(0, mix.partners.to(pixels.device())));
  return mixed;
}

}  // namespace deepcode
