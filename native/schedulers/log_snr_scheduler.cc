#include "schedulers/log_snr_scheduler.h"

#include <ATen/ATen.h>

#include <cmath>

#include "schedulers/timestep_spacing.h"

namespace deepcode {
namespace {

constexpr float kLeastStep = 1e-6f;  // in lambda; fp32 leaves nothing of a shorter one

}  // namespace

void LogSnrScheduler::PlanSteps(const Plan& plan) {
  const std::vector<float>& training = table_.sigmas();
  const bool spread = config_.sigma_spacing != SigmaSpacing::kTimesteps;
  timesteps_ = SpacedTimestepsToData(config_, plan.steps, plan.last);
  std::vector<double> levels;
  if (spread) {
    levels = SpreadSigmas(config_, training.front(), training.back(), plan.steps);
    timesteps_.clear();
    for (const double level : levels) {
      const double timestep = table_.TimestepAt(level);
      timesteps_.push_back(plan.round ? std::nearbyint(timestep) : std::floor(timestep));
    }
  } else {
    for (const double timestep : timesteps_) levels.push_back(table_.SigmaAt(timestep));
  }
  double final_sigma = 0;
  if (config_.final_sigmas_type == FinalSigma::kSigmaMin) {
    final_sigma = spread && plan.end_at_spread ? levels.back() : training.front();
  }
  sigmas_ = WithFinalSigma(levels, final_sigma);
}

LogSnrScheduler::Level LogSnrScheduler::LevelAt(int64_t index) const {
  const float ratio = sigmas_[index];
  const float alpha = 1.0f / std::sqrt(ratio * ratio + 1.0f);
  const float sigma = ratio * alpha;
  return {alpha, sigma, std::log(alpha) - std::log(sigma)};
}

bool LogSnrScheduler::OnlyFirstOrder(int64_t index) const {
  const float step = LevelAt(index + 1).lambda - LevelAt(index).lambda;
  return !std::isfinite(step) || std::abs(step) < kLeastStep;
}

at::Tensor LogSnrScheduler::DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                                       int64_t index) const {
  const Level level = LevelAt(index);
  return level.alpha * original + level.sigma * noise;
}

}  // namespace deepcode
