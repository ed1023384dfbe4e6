// Multistep latent consistency sampling: a few jumps to x_0, with fresh noise between them.
//
// Papers: Luo et al. 2023, "Latent Consistency Models: Synthesizing High-Resolution Images with
// Few-Step Inference" (multistep sampling; c_skip and c_out with timestep_scaling); Song et al.
// 2023, "Consistency Models" (boundary condition, appendix C).
//
//   f(x, t) = c_skip(t) x + c_out(t) x_0(x, t)
//   c_skip = s^2 / (tau^2 + s^2),   c_out = tau / sqrt(tau^2 + s^2)
//   tau       t * timestep_scaling;   s  sigma_data = 0.5
//
// Reference: diffusers' LCMScheduler. The timesteps are taken from the original_inference_steps
// that the model was distilled on, whatever timestep_spacing says.
#pragma once

#include "schedulers/alpha_scheduler.h"

namespace deepcode {

class LcmScheduler : public AlphaScheduler {
 public:
  explicit LcmScheduler(const SchedulerConfig& config);
  void SetTimesteps(int64_t steps) override;

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
};

}  // namespace deepcode
