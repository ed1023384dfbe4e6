// DPM-Solver++ in its multistep form, of order 1 to 3; order 2 is "DPM++ 2M". `stochastic` is its
// SDE variant, of order 1 or 2.
//
// Paper: Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
// Models", Algorithm 2 (2M) and its SDE form; order 3 is the multistep form of DPM-Solver-3.
//
//   h     lambda_t - lambda_s, the step;  r_0, r_1  the two steps before it, relative to h
//   D0    x_0 as predicted at s;  D1, D2  its differences of first and second order in lambda,
//         relative to h
//
// Reference: diffusers' DPMSolverMultistepScheduler with algorithm_type dpmsolver++ or
// sde-dpmsolver++. The first step is of order 1, the second of order 2 at most; so are, the other
// way round, the last two where lower_order_final says so (fewer than 15 steps) and the last one
// before sigma 0. The SDE variant draws its noise at every step.
#pragma once

#include <vector>

#include "schedulers/log_snr_scheduler.h"

namespace deepcode {

class DpmSolverMultistepScheduler : public LogSnrScheduler {
 public:
  explicit DpmSolverMultistepScheduler(const SchedulerConfig& config);
  void SetTimesteps(int64_t steps) override;

 private:
  // What a step multiplies D0, D1, D2, x and noise with.
  struct Weights {
    float d0, d1, d2, sample, noise;
  };

  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  int64_t OrderAt(int64_t index) const;
  Weights WeightsOf(const Level& from, const Level& to, int64_t order) const;
  at::Tensor AddDifferences(at::Tensor next, const Weights& weights, int64_t index,
                            int64_t order) const;

  std::vector<at::Tensor> originals_;  // predicted x_0, newest first
  int64_t calls_ = 0;                  // of Step since SetTimesteps
};

}  // namespace deepcode
