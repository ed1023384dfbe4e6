#include "schedulers/pndm.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"
#include "schedulers/timestep_spacing.h"

namespace deepcode {
namespace {

constexpr int64_t kOrder = 4;

// Timesteps of the Runge-Kutta start from those of the steps, falling: for each of three steps its
// start, its middle twice and its end.
std::vector<double> RungeKuttaTimesteps(const std::vector<double>& steps, int64_t stride) {
  const auto half = static_cast<double>(stride / 2);
  std::vector<double> timesteps;
  for (int64_t i = 0; i < kOrder - 1; ++i) {
    const double middle = steps[i + 1] + half;
    timesteps.insert(timesteps.end(), {steps[i], middle, middle, steps[i + 1]});
  }
  return timesteps;
}

// The gradient part of PLMS: Adams-Bashforth of order 1 to 4, as many as there are outputs.
at::Tensor AdamsBashforth(const std::vector<at::Tensor>& outputs) {
  const auto e = [&](size_t age) { return outputs[outputs.size() - 1 - age]; };
  switch (outputs.size()) {
    case 1:
      return e(0);
    case 2:
      return (3 * e(0) - e(1)) / 2;
    case 3:
      return (23 * e(0) - 16 * e(1) + 5 * e(2)) / 12;
    default:
      return (1.0 / 24) * (55 * e(0) - 59 * e(1) + 37 * e(2) - 9 * e(3));
  }
}

}  // namespace

PndmScheduler::PndmScheduler(const SchedulerConfig& config) : AlphaScheduler(config) {
  if (config.prediction_type != PredictionType::kSample) return;
  throw Error(ErrorCode::kConfig, "PNDM works with epsilon and v prediction, not with sample.");
}

void PndmScheduler::SetTimesteps(int64_t steps) {
  const std::vector<double> spaced = SpacedTimesteps(config(), steps, /*round=*/true);
  stride_ = config().num_train_timesteps / steps;
  calls_ = prk_calls_ = 0;
  outputs_.clear();
  weighted_ = start_ = at::Tensor();
  timesteps_ = spaced;
  AlphaBar(TimestepAt(0));  // throws where steps_offset leads past the last timestep
  if (config().skip_prk_steps) {
    if (steps > 1) timesteps_.insert(timesteps_.begin() + 1, spaced[1]);
    return;
  }
  if (steps < kOrder) {
    throw Error(ErrorCode::kConfig,
                "PNDM with a Runge-Kutta start (skip_prk_steps false) needs at least 4 steps.");
  }
  timesteps_ = RungeKuttaTimesteps(spaced, stride_);
  prk_calls_ = static_cast<int64_t>(timesteps_.size());
  timesteps_.insert(timesteps_.end(), spaced.begin() + kOrder - 1, spaced.end());
}

at::Tensor PndmScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                 const at::Tensor& sample, const NoiseSource&) {
  const int64_t timestep = TimestepAt(index);
  const at::Tensor next = calls_ < prk_calls_ ? RungeKuttaStep(model_output, timestep, sample)
                                              : MultistepStep(model_output, timestep, sample);
  ++calls_;
  return next;
}

// The gradient part of PRK: e' = (e_1 + 2 e_2 + 2 e_3 + e_4) / 6, each e at the place that the one
// before led to.
at::Tensor PndmScheduler::RungeKuttaStep(const at::Tensor& model_output, int64_t timestep,
                                         const at::Tensor& sample) {
  const int64_t stage = calls_ % kOrder;
  const int64_t previous = timestep - (calls_ % 2 == 0 ? stride_ / 2 : 0);
  const int64_t from = TimestepAt(calls_ - stage);
  if (stage == 0) {
    weighted_ = (1.0 / 6) * model_output;
    outputs_.push_back(model_output);
    start_ = sample;
  } else {
    weighted_ = weighted_ + (stage == kOrder - 1 ? 1.0 / 6 : 1.0 / 3) * model_output;
  }
  return Transfer(start_, from, previous, stage == kOrder - 1 ? weighted_ : model_output);
}

at::Tensor PndmScheduler::MultistepStep(const at::Tensor& model_output, int64_t timestep,
                                        const at::Tensor& sample) {
  if (calls_ == 1) {  // the end of the Heun step: back to its start, with the mean of both outputs
    const at::Tensor mean = (model_output + outputs_.back()) / 2;
    return Transfer(start_, timestep + stride_, timestep, mean);
  }
  if (outputs_.size() == kOrder) outputs_.erase(outputs_.begin());
  outputs_.push_back(model_output);
  if (calls_ == 0) start_ = sample;
  return Transfer(sample, timestep, timestep - stride_, AdamsBashforth(outputs_));
}

// Equation 9, with v prediction turned into noise first.
at::Tensor PndmScheduler::Transfer(const at::Tensor& sample, int64_t timestep, int64_t previous,
                                   const at::Tensor& model_output) const {
  const float alpha_bar = AlphaBar(timestep);
  const float alpha_bar_previous = AlphaBar(previous);
  const float beta_bar = 1.0f - alpha_bar;
  const float beta_bar_previous = 1.0f - alpha_bar_previous;
  const at::Tensor noise =
      PredictedNoise(config().prediction_type, sample, model_output, MixtureAt(timestep));
  const float sample_scale = std::sqrt(alpha_bar_previous / alpha_bar);
  const float denominator = alpha_bar * std::sqrt(beta_bar_previous) +
                            std::sqrt(alpha_bar * beta_bar * alpha_bar_previous);
  return sample_scale * sample - (alpha_bar_previous - alpha_bar) * noise / denominator;
}

}  // namespace deepcode
