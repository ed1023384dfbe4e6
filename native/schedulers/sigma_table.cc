#include "schedulers/sigma_table.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "schedulers/noise_schedule.h"

namespace deepcode {
namespace {

constexpr double kRho = 7.0;
// What stands for "no signal", the smallest subnormal of fp16: with 0 the first sigma would be
// infinite.
constexpr float kLeastAlpha = 0x1p-24f;

float SigmaOf(float alpha_bar) {
  const float sigma = std::sqrt((1.0f - alpha_bar) / alpha_bar);
  if (std::isfinite(sigma) && sigma > 0) return sigma;
  throw Error(ErrorCode::kConfig,
              "The scheduler's betas leave a training timestep without signal or without noise. "
              "Choose another beta schedule.");
}

// Karras et al., equation 5.
double KarrasSigma(double ramp, double smallest, double largest) {
  const double low = std::pow(smallest, 1 / kRho);
  const double high = std::pow(largest, 1 / kRho);
  return std::pow(high + ramp * (low - high), kRho);
}

double ExponentialSigma(double ramp, double smallest, double largest) {
  const double high = std::log(largest);
  return std::exp(high + ramp * (std::log(smallest) - high));
}

}  // namespace

SigmaTable::SigmaTable(const SchedulerConfig& config) {
  std::vector<float> alphas = AlphasCumprod(config);
  if (config.rescale_betas_zero_snr) alphas.back() = kLeastAlpha;
  for (const float alpha_bar : alphas) {
    sigmas_.push_back(SigmaOf(alpha_bar));
    log_sigmas_.push_back(std::log(sigmas_.back()));
  }
}

double SigmaTable::SigmaAt(double timestep) const {
  const auto last = static_cast<double>(sigmas_.size() - 1);
  if (timestep <= 0) return sigmas_.front();
  if (timestep >= last) return sigmas_.back();
  const double floor = std::floor(timestep);
  const auto low = static_cast<size_t>(floor);
  const double slope = static_cast<double>(sigmas_[low + 1]) - static_cast<double>(sigmas_[low]);
  return slope * (timestep - floor) + sigmas_[low];
}

double SigmaTable::TimestepAt(double sigma) const {
  if (log_sigmas_.size() == 1) return 0;
  const double log_sigma = std::log(std::max(sigma, 1e-10));
  // The first and the last training timestep are below and above whatever is outside of them.
  const auto above = std::upper_bound(log_sigmas_.begin() + 1, log_sigmas_.end() - 1, log_sigma);
  const auto low = above - 1;
  const double from = *low;
  const double weight = std::clamp((from - log_sigma) / (from - *above), 0.0, 1.0);
  const auto index = static_cast<double>(low - log_sigmas_.begin());
  return (1 - weight) * index + weight * (index + 1);
}

std::vector<double> SpreadSigmas(const SchedulerConfig& config, double smallest, double largest,
                                 int64_t steps) {
  const double low = config.sigma_min.value_or(smallest);
  const double high = config.sigma_max.value_or(largest);
  std::vector<double> sigmas(steps);
  for (int64_t i = 0; i < steps; ++i) {
    const double ramp = steps > 1 ? static_cast<double>(i) / static_cast<double>(steps - 1) : 0.0;
    sigmas[i] = config.sigma_spacing == SigmaSpacing::kKarras ? KarrasSigma(ramp, low, high)
                                                              : ExponentialSigma(ramp, low, high);
  }
  return sigmas;
}

std::vector<float> WithFinalSigma(const std::vector<double>& sigmas, double final_sigma) {
  std::vector<float> levels(sigmas.begin(), sigmas.end());
  const bool falls = std::is_sorted(levels.rbegin(), levels.rend()) &&
                     std::adjacent_find(levels.begin(), levels.end()) == levels.end();
  if (!falls || levels.empty()) {
    throw Error(
        ErrorCode::kConfig,
        "Two of the scheduler's steps have the same noise level. Choose fewer steps or another "
        "timestep spacing.");
  }
  levels.push_back(static_cast<float>(final_sigma));
  return levels;
}

}  // namespace deepcode
