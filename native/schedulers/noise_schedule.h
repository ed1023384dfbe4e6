// The noise that the network was trained with: alpha_bar_t of every training timestep t.
//
// Papers: Ho et al. 2020, "Denoising Diffusion Probabilistic Models" (alpha_bar, equation 4);
// Nichol and Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models" (the cosine
// schedule, equation 17); Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are
// Flawed" (Algorithm 1: zero terminal SNR).
//
//   x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise
//
// Everything is in fp32, as in the reference: in double the sigmas would differ from those that a
// published model's images were made with.
#pragma once

#include <vector>

#include "schedulers/scheduler_config.h"

namespace deepcode {

// alpha_bar_t for t = 0 .. num_train_timesteps - 1, falling. Throws ERR_CONFIG for betas outside
// (0, 1].
std::vector<float> AlphasCumprod(const SchedulerConfig& config);

}  // namespace deepcode
