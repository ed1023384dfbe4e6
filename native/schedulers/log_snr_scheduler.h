// Base of the samplers that integrate over the logarithm of the signal-to-noise ratio:
// DPM-Solver++, UniPC.
//
// Paper: Lu et al. 2022, "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling
// in Around 10 Steps", section 3.
//
//   x = alpha x_0 + sigma noise,   alpha^2 + sigma^2 = 1,   lambda = log(alpha / sigma)
//
// The tables hold sigma / alpha, as sigma_table.h.
#pragma once

#include <vector>

#include "schedulers/prediction.h"
#include "schedulers/scheduler.h"
#include "schedulers/sigma_table.h"

namespace deepcode {

class LogSnrScheduler : public Scheduler {
 protected:
  explicit LogSnrScheduler(const SchedulerConfig& config) : config_(config), table_(config) {}

  // One noise level in the terms of the papers. The finished image's lambda may be infinite.
  struct Level {
    float alpha;
    float sigma;
    float lambda;
  };

  struct Plan {
    int64_t steps;
    int64_t last;  // training timesteps that the steps may start from
    bool round;    // timesteps of spread sigmas are rounded, not cut off
    // With final_sigmas_type sigma_min: end at the last of the spread sigmas, not the training's.
    bool end_at_spread;
  };
  void PlanSteps(const Plan& plan);

  const SchedulerConfig& config() const { return config_; }
  const SigmaTable& table() const { return table_; }
  int64_t steps() const { return static_cast<int64_t>(timesteps_.size()); }
  Level LevelAt(int64_t index) const;

  // Differences between outputs say nothing about a step to sigma 0, which is infinitely long in
  // lambda, nor about one that ends where it starts.
  bool OnlyFirstOrder(int64_t index) const;

 private:
  at::Tensor DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                        int64_t index) const override;

  SchedulerConfig config_;
  SigmaTable table_;
  std::vector<float> sigmas_;  // sigma / alpha of each step and of the finished image
};

}  // namespace deepcode
