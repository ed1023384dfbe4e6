#include "schedulers/prediction.h"

#include <ATen/ATen.h>

#include "runtime/error.h"

namespace deepcode {

at::Tensor PredictedOriginal(PredictionType type, const at::Tensor& sample,
                             const at::Tensor& output, const Mixture& mixture) {
  const auto [alpha, sigma] = mixture;
  switch (type) {
    case PredictionType::kSample:
      return output;
    case PredictionType::kVPrediction:
      return alpha * sample - sigma * output;
    case PredictionType::kEpsilon:
      break;
  }
  if (alpha > 0) return (sample - sigma * output) / alpha;
  throw Error(ErrorCode::kConfig,
              "A network that predicts noise cannot start where there is no signal "
              "(rescale_betas_zero_snr). Choose leading spacing or a network with v prediction.");
}

at::Tensor PredictedNoise(PredictionType type, const at::Tensor& sample, const at::Tensor& output,
                          const Mixture& mixture) {
  const auto [alpha, sigma] = mixture;
  switch (type) {
    case PredictionType::kSample:
      return (sample - alpha * output) / sigma;
    case PredictionType::kVPrediction:
      return alpha * output + sigma * sample;
    case PredictionType::kEpsilon:
      break;
  }
  return output;
}

at::Tensor ThresholdOriginal(const SchedulerConfig& config, const at::Tensor& original) {
  if (!config.thresholding) return original;
  const at::Tensor flat = original.flatten(1);  // [N, D]
  const at::Tensor limit =
      at::quantile(flat.abs(), config.dynamic_thresholding_ratio, 1, /*keepdim=*/true)
          .clamp(1.0, config.sample_max_value);  // [N, 1]
  return (at::clamp(flat, -limit, limit) / limit).view_as(original);
}

at::Tensor ClipOriginal(const SchedulerConfig& config, const at::Tensor& original) {
  if (config.thresholding) return ThresholdOriginal(config, original);
  if (!config.clip_sample) return original;
  return original.clamp(-config.clip_sample_range, config.clip_sample_range);
}

}  // namespace deepcode
