#include "schedulers/ddim.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "schedulers/timestep_spacing.h"

namespace deepcode {

void DdimScheduler::SetTimesteps(int64_t steps) {
  timesteps_ = SpacedTimesteps(config(), steps, /*round=*/true);
  stride_ = config().num_train_timesteps / steps;
  AlphaBar(TimestepAt(0));  // throws where steps_offset leads past the last timestep
}

// sigma of equation 16.
float DdimScheduler::NoiseScale(int64_t timestep, int64_t previous) const {
  const float alpha_bar = AlphaBar(timestep);
  const float alpha_bar_previous = AlphaBar(previous);
  const float variance =
      (1.0f - alpha_bar_previous) / (1.0f - alpha_bar) * (1.0f - alpha_bar / alpha_bar_previous);
  return static_cast<float>(config().eta) * std::sqrt(variance);
}

at::Tensor DdimScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                 const at::Tensor& sample, const NoiseSource& noise) {
  const int64_t timestep = TimestepAt(index);
  const int64_t previous = timestep - stride_;
  const Mixture mixture = MixtureAt(timestep);
  const PredictionType type = config().prediction_type;
  const at::Tensor original =
      ClipOriginal(config(), PredictedOriginal(type, sample, model_output, mixture));
  const at::Tensor predicted_noise = PredictedNoise(type, sample, model_output, mixture);

  // Equation 12: the predicted x_0, the direction pointing to x_t and random noise.
  const float scale = NoiseScale(timestep, previous);
  const float alpha_bar_previous = AlphaBar(previous);
  // Rounding may leave a little less than nothing of it where eta is 1.
  const float direction = std::sqrt(std::max(0.0f, 1.0f - alpha_bar_previous - scale * scale));
  const at::Tensor next = std::sqrt(alpha_bar_previous) * original + direction * predicted_noise;
  return config().eta > 0 ? next + scale * noise(next) : next;
}

}  // namespace deepcode
