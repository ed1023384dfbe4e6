#include "schedulers/alpha_scheduler.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"
#include "schedulers/noise_schedule.h"

namespace deepcode {

AlphaScheduler::AlphaScheduler(const SchedulerConfig& config)
    : config_(config), alphas_cumprod_(AlphasCumprod(config)) {}

float AlphaScheduler::AlphaBar(int64_t timestep) const {
  if (timestep < 0) return config_.set_alpha_to_one ? 1.0f : alphas_cumprod_.front();
  if (timestep < static_cast<int64_t>(alphas_cumprod_.size())) return alphas_cumprod_[timestep];
  throw Error(ErrorCode::kConfig,
              "The scheduler's steps reach timestep " + std::to_string(timestep) + ", past the " +
                  std::to_string(alphas_cumprod_.size()) +
                  " of training. Choose fewer steps or a smaller steps_offset.");
}

Mixture AlphaScheduler::MixtureAt(int64_t timestep) const {
  const float alpha_bar = AlphaBar(timestep);
  return {std::sqrt(alpha_bar), std::sqrt(1.0f - alpha_bar)};
}

at::Tensor AlphaScheduler::DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                                      int64_t index) const {
  const auto [alpha, sigma] = MixtureAt(TimestepAt(index));
  return alpha * original + sigma * noise;
}

}  // namespace deepcode
