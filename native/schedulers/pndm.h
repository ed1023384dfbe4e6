// Pseudo numerical methods: a Runge-Kutta start (PRK), or the one of Stable Diffusion that does
// without (skip_prk_steps), then linear multistep (PLMS).
//
// Paper: Liu et al. 2022, "Pseudo Numerical Methods for Diffusion Models on Manifolds", section 3:
// a classical method's gradient part (Runge-Kutta, then Adams-Bashforth) with the transfer part of
// equation 9.
//
//   outputs_     the paper's e_t, e_{t-delta}, ..., newest last
//   Transfer     phi(x_t, e', t, t - delta), which keeps x on the manifold
//
// Reference: diffusers' PNDMScheduler. With skip_prk_steps the second timestep is visited twice:
// the first two calls are one Heun step, so there is one call more than steps. The state counts
// calls and not positions, as there: image-to-image begins with the Heun step wherever it begins.
#pragma once

#include <vector>

#include "schedulers/alpha_scheduler.h"

namespace deepcode {

class PndmScheduler : public AlphaScheduler {
 public:
  explicit PndmScheduler(const SchedulerConfig& config);
  void SetTimesteps(int64_t steps) override;

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  at::Tensor RungeKuttaStep(const at::Tensor& model_output, int64_t timestep,
                            const at::Tensor& sample);
  at::Tensor MultistepStep(const at::Tensor& model_output, int64_t timestep,
                           const at::Tensor& sample);
  at::Tensor Transfer(const at::Tensor& sample, int64_t timestep, int64_t previous,
                      const at::Tensor& model_output) const;

  int64_t stride_ = 0;     // delta: training timesteps between two steps
  int64_t calls_ = 0;      // of Step since SetTimesteps
  int64_t prk_calls_ = 0;  // those of the Runge-Kutta start
  std::vector<at::Tensor> outputs_;
  at::Tensor weighted_;  // Runge-Kutta: the weighted sum of outputs so far
  at::Tensor start_;     // where the current Runge-Kutta or Heun step started
};

}  // namespace deepcode
