#include "schedulers/heun.h"

#include <ATen/ATen.h>

namespace deepcode {
namespace {

// Everything between the first element and the last `tail` ones comes twice.
template <class T>
std::vector<T> Repeated(const std::vector<T>& values, size_t tail) {
  std::vector<T> result;
  for (size_t i = 0; i < values.size(); ++i) {
    result.push_back(values[i]);
    if (i > 0 && i + tail < values.size()) result.push_back(values[i]);
  }
  return result;
}

}  // namespace

void HeunScheduler::SetTimesteps(int64_t steps) {
  SigmaScheduler::SetTimesteps(steps);
  timesteps_ = Repeated(timesteps_, 0);
  sigmas_ = Repeated(sigmas_, 1);
  start_ = derivative_ = at::Tensor();
}

at::Tensor HeunScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                 const at::Tensor& sample, const NoiseSource&) {
  return start_.defined() ? Correct(model_output, index, sample)
                          : Predict(model_output, index, sample);
}

at::Tensor HeunScheduler::Predict(const at::Tensor& model_output, int64_t index,
                                  const at::Tensor& sample) {
  start_ = sample;
  derivative_ = (sample - Original(sample, model_output, sigma(index))) / sigma(index);  // line 4
  return sample + derivative_ * (sigma(index + 1) - sigma(index));                       // line 5
}

at::Tensor HeunScheduler::Correct(const at::Tensor& model_output, int64_t index,
                                  const at::Tensor& sample) {
  const at::Tensor derivative =
      (sample - Original(sample, model_output, sigma(index))) / sigma(index);  // line 7
  const at::Tensor mean = (derivative_ + derivative) / 2;
  const at::Tensor next = start_ + mean * (sigma(index) - sigma(index - 1));  // line 8
  start_ = derivative_ = at::Tensor();
  return next;
}

}  // namespace deepcode
