// Noise levels relative to the image, for the samplers that integrate over them.
//
// Papers: Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models"
// (the spacing of equation 5, with rho = 7).
//
//   sigma_t = sqrt((1 - alpha_bar_t) / alpha_bar_t)
//   x_t / sqrt(alpha_bar_t) = x_0 + sigma_t noise
//
// Between training timesteps sigma is interpolated linearly, and its logarithm on the way back.
#pragma once

#include <vector>

#include "schedulers/scheduler_config.h"

namespace deepcode {

class SigmaTable {
 public:
  // Throws ERR_CONFIG where no signal or no noise is left at a training timestep.
  explicit SigmaTable(const SchedulerConfig& config);

  const std::vector<float>& sigmas() const { return sigmas_; }  // by training timestep, rising
  double SigmaAt(double timestep) const;
  double TimestepAt(double sigma) const;

 private:
  std::vector<float> sigmas_;
  std::vector<float> log_sigmas_;
};

// `steps` falling levels from `largest` to `smallest`, or between the config's own bounds where it
// has them, spaced as sigma_spacing says: Karras or exponential.
std::vector<double> SpreadSigmas(const SchedulerConfig& config, double smallest, double largest,
                                 int64_t steps);

// The levels as steps use them, with that of the finished image at the end: fp32, as in the
// reference. Throws ERR_CONFIG unless they fall all the way.
std::vector<float> WithFinalSigma(const std::vector<double>& sigmas, double final_sigma);

}  // namespace deepcode
