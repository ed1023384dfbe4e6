// Base of the samplers that integrate over the noise level of an unscaled image: Euler, Euler
// ancestral, Heun, LMS.
//
// Paper: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models":
// the ODE of equation 1 with sigma(t) = t and s(t) = 1, and the network's scaling of Table 1 (VP:
// c_in, c_skip, c_out).
//
//   x = x_0 + sigma noise,   dx / dsigma = (x - x_0) / sigma,   network input x / sqrt(sigma^2 + 1)
#pragma once

#include <vector>

#include "schedulers/scheduler.h"
#include "schedulers/sigma_table.h"

namespace deepcode {

class SigmaScheduler : public Scheduler {
 public:
  void SetTimesteps(int64_t steps) override;
  double init_noise_sigma() const override;

 protected:
  explicit SigmaScheduler(const SchedulerConfig& config) : config_(config), table_(config) {}

  const SchedulerConfig& config() const { return config_; }
  // Position timesteps().size() is the finished image's.
  float sigma(int64_t index) const { return sigmas_[index]; }

  // x_0 from x and the network's output at a noise level, clipped where the config says so.
  at::Tensor Original(const at::Tensor& sample, const at::Tensor& model_output, float sigma) const;

  std::vector<float> sigmas_;

 private:
  at::Tensor DoScaleInput(const at::Tensor& sample, int64_t index) const override;
  at::Tensor DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                        int64_t index) const override;

  SchedulerConfig config_;
  SigmaTable table_;
};

}  // namespace deepcode
