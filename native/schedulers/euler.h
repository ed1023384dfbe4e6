// Euler's method over the noise level.
//
// Paper: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models",
// Algorithm 2 without its second order correction and without churn.
//
// Reference: diffusers' EulerDiscreteScheduler with timestep_type "discrete".
#pragma once

#include "schedulers/sigma_scheduler.h"

namespace deepcode {

class EulerScheduler : public SigmaScheduler {
 public:
  explicit EulerScheduler(const SchedulerConfig& config) : SigmaScheduler(config) {}

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
};

}  // namespace deepcode
