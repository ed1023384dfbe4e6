// Euler's method to below the next noise level, then fresh noise up to it.
//
// Paper: Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential
// Equations", appendix F: ancestral sampling where the variance explodes. The form with an Euler
// step is k-diffusion's.
//
//   sigma_up^2   = sigma_to^2 (sigma_from^2 - sigma_to^2) / sigma_from^2
//   sigma_down^2 = sigma_to^2 - sigma_up^2
//
// Reference: diffusers' EulerAncestralDiscreteScheduler. Noise is drawn at the last step too, where
// sigma_up is 0, so that generators are left in the same state.
#pragma once

#include "schedulers/sigma_scheduler.h"

namespace deepcode {

class EulerAncestralScheduler : public SigmaScheduler {
 public:
  explicit EulerAncestralScheduler(const SchedulerConfig& config);

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
};

}  // namespace deepcode
