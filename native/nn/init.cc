#include "nn/init.h"

#include <ATen/ATen.h>

#include <cmath>

namespace deepcode {

void TruncatedNormal(at::Tensor parameter, double std, const at::Generator& generator) {
  at::NoGradGuard no_grad;
  const auto cdf = [](double x) { return (1.0 + std::erf(x / std::sqrt(2.0))) / 2.0; };
  const double low = cdf(-2.0 / std), high = cdf(2.0 / std);
  parameter.uniform_(2.0 * low - 1.0, 2.0 * high - 1.0, generator)
      .erfinv_()
      .mul_(std * std::sqrt(2.0))
      .clamp_(-2.0, 2.0);
}

void Normal(at::Tensor parameter, double std, const at::Generator& generator) {
  at::NoGradGuard no_grad;
  parameter.normal_(0.0, std, generator);
}

void FanInUniform(at::Tensor parameter, int64_t fan_in, const at::Generator& generator) {
  at::NoGradGuard no_grad;
  const double bound = fan_in > 0 ? 1.0 / std::sqrt(static_cast<double>(fan_in)) : 0.0;
  parameter.uniform_(-bound, bound, generator);
}

}  // namespace deepcode
