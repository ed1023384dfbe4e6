#include "schedulers/dpm_solver_multistep.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kFewSteps = 15;

}  // namespace

DpmSolverMultistepScheduler::DpmSolverMultistepScheduler(const SchedulerConfig& config)
    : LogSnrScheduler(config) {
  const int64_t highest = config.stochastic ? 2 : 3;
  const bool known = config.solver_order >= 1 && config.solver_order <= highest;
  const bool own_type =
      config.solver_type == SolverType::kMidpoint || config.solver_type == SolverType::kHeun;
  if (known && own_type) return;
  throw Error(ErrorCode::kConfig, "DPM++ works with solver_order 1 to " + std::to_string(highest) +
                                      " here, and with solver_type midpoint or heun.");
}

void DpmSolverMultistepScheduler::SetTimesteps(int64_t steps) {
  const std::vector<float>& sigmas = table().sigmas();
  const auto too_noisy = [&](float sigma) {
    return -std::log(sigma) < config().lambda_min_clipped;
  };
  const auto clipped = std::count_if(sigmas.begin(), sigmas.end(), too_noisy);
  const bool cosine = config().beta_schedule == BetaSchedule::kSquaredcosCapV2;
  PlanSteps({.steps = steps,
             .last = static_cast<int64_t>(sigmas.size()) - clipped,
             .round = config().sigma_spacing == SigmaSpacing::kKarras && !cosine,
             .end_at_spread = false});
  originals_.clear();
  calls_ = 0;
}

int64_t DpmSolverMultistepScheduler::OrderAt(int64_t index) const {
  const bool lower_final = config().lower_order_final && steps() < kFewSteps;
  int64_t order = std::min(config().solver_order, calls_ + 1);
  if (index == steps() - 1 && (config().euler_at_final || lower_final)) order = 1;
  if (index == steps() - 2 && lower_final) order = std::min<int64_t>(order, 2);
  return OnlyFirstOrder(index) ? 1 : order;
}

// Grouped as in the reference, so that fp32 rounds alike. h may be infinite for order 1.
DpmSolverMultistepScheduler::Weights DpmSolverMultistepScheduler::WeightsOf(const Level& from,
                                                                            const Level& to,
                                                                            int64_t order) const {
  const float h = (to.lambda - from.lambda) * (config().stochastic ? 2.0f : 1.0f);
  const float decay = std::exp(-h) - 1.0f;
  const bool midpoint = order == 2 && config().solver_type == SolverType::kMidpoint;
  Weights weights{.d0 = -to.alpha * decay,
                  .d1 = midpoint ? -0.5f * (to.alpha * decay) : to.alpha * (decay / h + 1.0f),
                  .d2 = -to.alpha * ((decay + h) / (h * h) - 0.5f),
                  .sample = to.sigma / from.sigma,
                  .noise = 0.0f};
  if (!config().stochastic) return weights;
  weights.sample *= std::exp(-h / 2);
  weights.noise = to.sigma * std::sqrt(1.0f - std::exp(-h));
  return weights;
}

at::Tensor DpmSolverMultistepScheduler::AddDifferences(at::Tensor next, const Weights& weights,
                                                       int64_t index, int64_t order) const {
  const auto lambda = [&](int64_t age) { return LevelAt(index - age).lambda; };
  const float h = LevelAt(index + 1).lambda - lambda(0);
  const float r0 = (lambda(0) - lambda(1)) / h;
  const at::Tensor d1 = 1.0f / r0 * (originals_[0] - originals_[1]);
  if (order == 2) return next + weights.d1 * d1;
  const float r1 = (lambda(1) - lambda(2)) / h;
  const at::Tensor older = 1.0f / r1 * (originals_[1] - originals_[2]);
  const at::Tensor bend = d1 - older;
  return next + weights.d1 * (d1 + r0 / (r0 + r1) * bend) + weights.d2 * (1.0f / (r0 + r1) * bend);
}

at::Tensor DpmSolverMultistepScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                               const at::Tensor& sample, const NoiseSource& noise) {
  const Level from = LevelAt(index);
  const at::Tensor original =
      PredictedOriginal(config().prediction_type, sample, model_output, {from.alpha, from.sigma});
  originals_.insert(originals_.begin(), ThresholdOriginal(config(), original));
  if (static_cast<int64_t>(originals_.size()) > config().solver_order) originals_.pop_back();

  const int64_t order = OrderAt(index);
  const Weights weights = WeightsOf(from, LevelAt(index + 1), order);
  at::Tensor next = weights.sample * sample + weights.d0 * originals_[0];
  if (order > 1) next = AddDifferences(next, weights, index, order);
  if (config().stochastic) next = next + weights.noise * noise(sample);
  ++calls_;
  return next;
}

}  // namespace deepcode
