// Base of the samplers that work on alpha_bar at whole timesteps: DDIM, PNDM, LCM.
//
//   x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise
#pragma once

#include <vector>

#include "schedulers/prediction.h"
#include "schedulers/scheduler.h"

namespace deepcode {

class AlphaScheduler : public Scheduler {
 protected:
  explicit AlphaScheduler(const SchedulerConfig& config);

  const SchedulerConfig& config() const { return config_; }

  // alpha_bar_t; before the first training timestep, 1 or alpha_bar_0 as set_alpha_to_one says.
  // Throws ERR_CONFIG past the last one.
  float AlphaBar(int64_t timestep) const;
  Mixture MixtureAt(int64_t timestep) const;
  int64_t TimestepAt(int64_t index) const { return static_cast<int64_t>(timesteps_[index]); }

 private:
  at::Tensor DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                        int64_t index) const override;

  SchedulerConfig config_;
  std::vector<float> alphas_cumprod_;
};

}  // namespace deepcode
