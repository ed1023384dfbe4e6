// Denoising diffusion implicit models: deterministic for eta 0, DDPM's noise for eta 1.
//
// Paper: Song et al. 2021, "Denoising Diffusion Implicit Models". Equations 12 and 16.
//
//   alpha_bar    the paper's alpha: the product of 1 - beta
//   eta          scales the noise of equation 16
//
// Reference: diffusers' DDIMScheduler without use_clipped_model_output.
#pragma once

#include "schedulers/alpha_scheduler.h"

namespace deepcode {

class DdimScheduler : public AlphaScheduler {
 public:
  explicit DdimScheduler(const SchedulerConfig& config) : AlphaScheduler(config) {}
  void SetTimesteps(int64_t steps) override;

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  float NoiseScale(int64_t timestep, int64_t previous) const;

  int64_t stride_ = 0;  // training timesteps between two steps
};

}  // namespace deepcode
