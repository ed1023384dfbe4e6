#include "schedulers/euler_ancestral.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"

namespace deepcode {

EulerAncestralScheduler::EulerAncestralScheduler(const SchedulerConfig& config)
    : SigmaScheduler(config) {
  if (config.prediction_type != PredictionType::kSample) return;
  throw Error(ErrorCode::kConfig,
              "Euler ancestral works with epsilon and v prediction, not with sample.");
}

at::Tensor EulerAncestralScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                           const at::Tensor& sample, const NoiseSource& noise) {
  const float from = sigma(index);
  const float to = sigma(index + 1);
  // up^2 + down^2 = to^2. As a difference in fp32 down would lose most of its digits where from is
  // large, and by other amounts on other processors.
  const double ratio = static_cast<double>(to) / from;
  const float up = static_cast<float>(to * std::sqrt(1 - ratio * ratio));
  const float down = static_cast<float>(to * ratio);
  const at::Tensor original = Original(sample, model_output, from);
  const at::Tensor derivative = (sample - original) / from;
  return sample + derivative * (down - from) + noise(sample) * up;
}

}  // namespace deepcode
