#include "pipelines/guidance.h"

#include <ATen/ATen.h>

#include <cmath>

namespace deepcode {
namespace {

at::Tensor StandardDeviation(const at::Tensor& x) {
  return x.flatten(1).std(/*dim=*/1, /*unbiased=*/true).view({-1, 1, 1, 1});
}

}  // namespace

at::Tensor Guide(const at::Tensor& halves, double scale, double rescale) {
  const std::vector<at::Tensor> parts = halves.chunk(2);
  const at::Tensor& plain = parts[0];
  const at::Tensor& prompted = parts[1];
  const at::Tensor guided = at::add(plain, prompted - plain, scale);  // Ho & Salimans, equation 6
  if (rescale == 0) return guided;
  const at::Tensor factor = StandardDeviation(prompted) / StandardDeviation(guided);
  return at::lerp(guided, guided * factor, rescale);  // Lin et al., equations 15 and 16
}

at::Tensor GuidanceEmbedding(double scale, int64_t count, int64_t dim) {
  const int64_t half = dim / 2;
  const at::Tensor frequencies =
      at::arange(half, at::kFloat).mul_(-std::log(10000.0) / static_cast<double>(half - 1)).exp_();
  const at::Tensor angles = frequencies * ((scale - 1) * 1000.0);  // [half]
  const at::Tensor embedding = at::cat({angles.sin(), angles.cos()});
  return at::constant_pad_nd(embedding, {0, dim % 2}).expand({count, dim});
}

}  // namespace deepcode
