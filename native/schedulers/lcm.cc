#include "schedulers/lcm.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr float kSigmaData = 0.5f;

}  // namespace

LcmScheduler::LcmScheduler(const SchedulerConfig& config) : AlphaScheduler(config) {
  const int64_t original = config.original_inference_steps;
  if (original >= 1 && original <= config.num_train_timesteps) return;
  throw Error(ErrorCode::kConfig, "Expected original_inference_steps from 1 to " +
                                      std::to_string(config.num_train_timesteps) + ".");
}

void LcmScheduler::SetTimesteps(int64_t steps) {
  const int64_t original = config().original_inference_steps;
  if (steps < 1 || steps > original) {
    throw Error(ErrorCode::kConfig, "Expected 1 to " + std::to_string(original) +
                                        " steps (original_inference_steps) but received " +
                                        std::to_string(steps) + ".");
  }
  const int64_t stride = config().num_train_timesteps / original;
  const double hop = static_cast<double>(original) / static_cast<double>(steps);
  timesteps_.clear();
  for (int64_t i = 0; i < steps; ++i) {
    const auto skipped = static_cast<int64_t>(std::floor(static_cast<double>(i) * hop));
    timesteps_.push_back(static_cast<double>((original - skipped) * stride - 1));
  }
}

at::Tensor LcmScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                const at::Tensor& sample, const NoiseSource& noise) {
  const int64_t timestep = TimestepAt(index);
  const at::Tensor original = ClipOriginal(
      config(),
      PredictedOriginal(config().prediction_type, sample, model_output, MixtureAt(timestep)));

  const auto tau = static_cast<float>(static_cast<double>(timestep) * config().timestep_scaling);
  const float square = tau * tau + kSigmaData * kSigmaData;
  const float c_skip = kSigmaData * kSigmaData / square;
  const float c_out = tau / std::sqrt(square);
  const at::Tensor denoised = c_out * original + c_skip * sample;
  if (index + 1 == static_cast<int64_t>(timesteps_.size())) return denoised;
  const auto [alpha, sigma] = MixtureAt(TimestepAt(index + 1));
  return alpha * denoised + sigma * noise(denoised);
}

}  // namespace deepcode
