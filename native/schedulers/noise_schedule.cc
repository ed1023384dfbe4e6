#include "schedulers/noise_schedule.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr double kMaxBeta = 0.999;

at::Tensor Linspace(double first, double last, int64_t count) {
  return at::linspace(first, last, count, at::TensorOptions(at::kFloat));
}

at::Tensor FromDoubles(const std::vector<double>& values) {
  return at::tensor(values, at::TensorOptions(at::kDouble)).to(at::kFloat);
}

// Nichol and Dhariwal, equation 17: alpha_bar(t) = cos^2(((t + s) / (1 + s)) pi / 2) with s =
// 0.008.
double CosineAlphaBar(double t) {
  const double cosine = std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2);
  return cosine * cosine;
}

at::Tensor CosineBetas(int64_t count) {
  std::vector<double> betas(count);
  for (int64_t i = 0; i < count; ++i) {
    const double start = CosineAlphaBar(static_cast<double>(i) / count);
    const double end = CosineAlphaBar(static_cast<double>(i + 1) / count);
    betas[i] = std::min(1 - end / start, kMaxBeta);
  }
  return FromDoubles(betas);
}

at::Tensor Betas(const SchedulerConfig& config) {
  const int64_t count = config.num_train_timesteps;
  if (!config.trained_betas.empty()) return FromDoubles(config.trained_betas);
  switch (config.beta_schedule) {
    case BetaSchedule::kLinear:
      return Linspace(config.beta_start, config.beta_end, count);
    case BetaSchedule::kScaledLinear:
      return Linspace(std::sqrt(config.beta_start), std::sqrt(config.beta_end), count).square();
    case BetaSchedule::kSquaredcosCapV2:
      return CosineBetas(count);
  }
  throw Error(ErrorCode::kConfig, "Unknown beta schedule.");
}

// Lin et al., Algorithm 1: sqrt(alpha_bar) is shifted to end at 0 and scaled to start where it
// started.
at::Tensor RescaleToZeroSnr(const at::Tensor& betas) {
  const at::Tensor root = (1 - betas).cumprod(0).sqrt();  // [T]
  const at::Tensor first = root[0].clone();
  const at::Tensor last = root[-1].clone();
  const at::Tensor alpha_bar = ((root - last) * (first / (first - last))).square();
  const at::Tensor alphas = alpha_bar.slice(0, 1) / alpha_bar.slice(0, 0, -1);
  return 1 - at::cat({alpha_bar.slice(0, 0, 1), alphas});
}

void CheckBetas(const at::Tensor& betas, int64_t count) {
  const bool valid =
      betas.numel() == count && betas.gt(0).logical_and(betas.le(1)).all().item<bool>();
  if (valid) return;
  throw Error(ErrorCode::kConfig,
              "Expected " + std::to_string(count) +
                  " betas above 0 and at most 1 for the scheduler's noise schedule.");
}

}  // namespace

std::vector<float> AlphasCumprod(const SchedulerConfig& config) {
  at::Tensor betas = Betas(config);
  CheckBetas(betas, config.num_train_timesteps);
  if (config.rescale_betas_zero_snr) {
    betas = RescaleToZeroSnr(betas);
    CheckBetas(betas, config.num_train_timesteps);
  }
  const at::Tensor alphas = (1 - betas).cumprod(0).contiguous();  // Ho et al., above equation 4
  const float* values = alphas.const_data_ptr<float>();
  return {values, values + alphas.numel()};
}

}  // namespace deepcode
