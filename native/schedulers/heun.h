// Heun's method over the noise level: an Euler step, then the same step with the mean of both ends'
// slopes.
//
// Paper: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models",
// Algorithm 1.
//
// Reference: diffusers' HeunDiscreteScheduler. Each of timesteps() but the first comes twice; calls
// at even positions are Euler steps, calls at odd ones correct them. The last step is Euler's
// alone, as in the paper.
#pragma once

#include "schedulers/sigma_scheduler.h"

namespace deepcode {

class HeunScheduler : public SigmaScheduler {
 public:
  explicit HeunScheduler(const SchedulerConfig& config) : SigmaScheduler(config) {}
  void SetTimesteps(int64_t steps) override;

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  at::Tensor Predict(const at::Tensor& model_output, int64_t index, const at::Tensor& sample);
  at::Tensor Correct(const at::Tensor& model_output, int64_t index, const at::Tensor& sample);
  int64_t order() const override { return 2; }

  at::Tensor start_;       // of the step that waits for its correction; undefined: none does
  at::Tensor derivative_;  // there
};

}  // namespace deepcode
