#include "schedulers/sigma_scheduler.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "schedulers/timestep_spacing.h"

namespace deepcode {
namespace {

// steps + 1 levels from the largest to the smallest, equally far apart in logarithm.
std::vector<double> LogLinearSigmas(const std::vector<float>& training, int64_t steps) {
  const float high = std::log(training.back());
  const float low = std::log(training.front());
  const at::Tensor levels =
      at::linspace(high, low, steps + 1, at::TensorOptions(at::kFloat)).exp().contiguous();
  const float* values = levels.const_data_ptr<float>();
  return {values, values + levels.numel()};
}

}  // namespace

void SigmaScheduler::SetTimesteps(int64_t steps) {
  timesteps_ = SpacedTimesteps(config_, steps, /*round=*/false);
  std::vector<double> levels;
  for (double& timestep : timesteps_) {
    timestep = static_cast<float>(timestep);
    levels.push_back(table_.SigmaAt(timestep));
  }
  if (config_.log_linear_sigmas) levels = LogLinearSigmas(table_.sigmas(), steps);
  if (config_.sigma_spacing != SigmaSpacing::kTimesteps) {
    levels = SpreadSigmas(config_, levels.back(), levels.front(), steps);
    for (int64_t i = 0; i < steps; ++i) {
      timesteps_[i] = static_cast<float>(table_.TimestepAt(levels[i]));
    }
  }
  const bool to_zero = config_.final_sigmas_type == FinalSigma::kZero;
  sigmas_ = WithFinalSigma(levels, to_zero ? 0.0 : table_.sigmas().front());
}

// With leading spacing the first level is well below the largest, where x_0 counts.
double SigmaScheduler::init_noise_sigma() const {
  if (sigmas_.empty()) return 1.0;
  const float largest = *std::max_element(sigmas_.begin(), sigmas_.end());
  if (config_.timestep_spacing != TimestepSpacing::kLeading) return largest;
  return std::sqrt(largest * largest + 1.0f);
}

at::Tensor SigmaScheduler::Original(const at::Tensor& sample, const at::Tensor& model_output,
                                    float sigma) const {
  const float square = sigma * sigma + 1.0f;
  at::Tensor original;
  switch (config_.prediction_type) {
    case PredictionType::kEpsilon:
      original = sample - sigma * model_output;
      break;
    case PredictionType::kVPrediction:  // c_out * output + c_skip * x
      original = model_output * (-sigma / std::sqrt(square)) + sample / square;
      break;
    case PredictionType::kSample:
      original = model_output;
      break;
  }
  if (!config_.clip_sample) return original;
  return original.clamp(-config_.clip_sample_range, config_.clip_sample_range);
}

at::Tensor SigmaScheduler::DoScaleInput(const at::Tensor& sample, int64_t index) const {
  const float level = sigma(index);
  return sample / std::sqrt(level * level + 1.0f);
}

at::Tensor SigmaScheduler::DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                                      int64_t index) const {
  return original + noise * sigma(index);
}

}  // namespace deepcode
