#include "schedulers/euler_ancestral.h"

#include <ATen/ATen.h>

#include <algorithm>
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
  const float up = std::sqrt(to * to * (from * from - to * to) / (from * from));
  const float down = std::sqrt(std::max(0.0f, to * to - up * up));  // rounding may end below 0
  const at::Tensor original = Original(sample, model_output, from);
  const at::Tensor derivative = (sample - original) / from;
  return sample + derivative * (down - from) + noise(sample) * up;
}

}  // namespace deepcode
