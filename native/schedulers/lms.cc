#include "schedulers/lms.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace deepcode {
namespace {

constexpr int64_t kOrder = 4;

}  // namespace

void LmsScheduler::SetTimesteps(int64_t steps) {
  SigmaScheduler::SetTimesteps(steps);
  derivatives_.clear();
}

// c_j, by Gauss' quadrature with two points: exact up to degree 3.
double LmsScheduler::Coefficient(int64_t order, int64_t index, int64_t age) const {
  const double from = sigma(index);
  const double to = sigma(index + 1);
  const auto polynomial = [&](double s) {
    double product = 1;
    for (int64_t k = 0; k < order; ++k) {
      if (k == age) continue;
      const double node = sigma(index - k);
      product *= (s - node) / (sigma(index - age) - node);
    }
    return product;
  };
  const double middle = (from + to) / 2;
  const double reach = (to - from) / 2 / std::sqrt(3.0);
  return (to - from) / 2 * (polynomial(middle - reach) + polynomial(middle + reach));
}

at::Tensor LmsScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                const at::Tensor& sample, const NoiseSource&) {
  const at::Tensor original = Original(sample, model_output, sigma(index));
  derivatives_.insert(derivatives_.begin(), (sample - original) / sigma(index));
  if (derivatives_.size() > kOrder) derivatives_.pop_back();
  const int64_t order = std::min(index + 1, kOrder);
  const int64_t known = std::min(order, static_cast<int64_t>(derivatives_.size()));
  at::Tensor change = at::zeros_like(sample);
  for (int64_t age = 0; age < known; ++age) {
    change = change + Coefficient(order, index, age) * derivatives_[age];
  }
  return sample + change;
}

}  // namespace deepcode
