#include "schedulers/unipc.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

// rho with sum_m rho_m r_m^(k-1) = rhs_k for k = 1 .. size of `ratios`.
at::Tensor SolveWeights(const std::vector<float>& ratios, const std::vector<float>& rhs) {
  const auto size = static_cast<int64_t>(ratios.size());
  const at::Tensor nodes = at::tensor(ratios, at::TensorOptions(at::kFloat));
  std::vector<at::Tensor> rows;
  for (int64_t power = 0; power < size; ++power) rows.push_back(nodes.pow(power));
  const at::Tensor right = at::tensor(rhs, at::TensorOptions(at::kFloat)).slice(0, 0, size);
  return at::linalg_solve(at::stack(rows), right);
}

at::Tensor WeightedSum(const at::Tensor& weights, const std::vector<at::Tensor>& terms) {
  at::Tensor sum = weights[0].item<float>() * terms[0];
  for (size_t i = 1; i < terms.size(); ++i) sum = sum + weights[i].item<float>() * terms[i];
  return sum;
}

// h phi_{k+1}(h) k! / B(h) for k = 1 .. order, where phi_{k+1} = (phi_k - 1 / k!) / h and
// h phi_1 = e^h - 1.
std::vector<float> RightHandSide(float h, float scale, int64_t order) {
  std::vector<float> rhs;
  float h_phi = std::expm1(h) / h - 1.0f;
  float factorial = 1.0f;
  for (int64_t k = 1; k <= order; ++k) {
    rhs.push_back(h_phi * factorial / scale);
    factorial *= static_cast<float>(k + 1);
    h_phi = h_phi / h - 1.0f / factorial;
  }
  return rhs;
}

}  // namespace

UniPcScheduler::UniPcScheduler(const SchedulerConfig& config) : LogSnrScheduler(config) {
  const bool known = config.solver_order >= 1 && config.solver_order <= 3;
  const bool own_type =
      config.solver_type == SolverType::kBh1 || config.solver_type == SolverType::kBh2;
  if (known && own_type) return;
  throw Error(ErrorCode::kConfig,
              "UniPC works with solver_order 1 to 3 and solver_type bh1 or bh2.");
}

void UniPcScheduler::SetTimesteps(int64_t steps) {
  PlanSteps({.steps = steps,
             .last = config().num_train_timesteps,
             .round = config().sigma_spacing == SigmaSpacing::kKarras,
             .end_at_spread = true});
  outputs_.clear();
  last_sample_ = at::Tensor();
  calls_ = last_order_ = 0;
}

int64_t UniPcScheduler::OrderAt(int64_t index) const {
  int64_t order = std::min(config().solver_order, calls_ + 1);
  if (config().lower_order_final) order = std::min(order, steps() - index);
  return OnlyFirstOrder(index) ? 1 : order;
}

bool UniPcScheduler::CorrectsAt(int64_t index) const {
  const std::vector<int64_t>& disabled = config().disable_corrector;
  return index > 0 && last_sample_.defined() &&
         std::find(disabled.begin(), disabled.end(), index - 1) == disabled.end();
}

at::Tensor UniPcScheduler::Convert(const at::Tensor& sample, const at::Tensor& model_output,
                                   int64_t index) const {
  const Level level = LevelAt(index);
  const Mixture mixture{level.alpha, level.sigma};
  const PredictionType type = config().prediction_type;
  if (!config().predict_x0) return PredictedNoise(type, sample, model_output, mixture);
  return ThresholdOriginal(config(), PredictedOriginal(type, sample, model_output, mixture));
}

UniPcScheduler::StepTerms UniPcScheduler::TermsOf(const at::Tensor& sample, int64_t from,
                                                  int64_t order) const {
  const Level s = LevelAt(from);
  const Level t = LevelAt(from + 1);
  const bool data = config().predict_x0;
  const float step = t.lambda - s.lambda;
  const float h = data ? -step : step;
  const float growth = std::expm1(h);
  const float b = config().solver_type == SolverType::kBh1 ? h : growth;
  const float outer = data ? t.alpha : t.sigma;
  const float kept = data ? t.sigma / s.sigma : t.alpha / s.alpha;
  // With noise prediction a step to sigma 0 is 0 * infinity here; this is its limit.
  const float whole = std::isinf(growth) ? t.alpha * s.sigma / s.alpha : outer * growth;
  StepTerms terms{.linear = kept * sample - whole * outputs_[0],
                  .scale = outer * b,
                  .ratios = {},
                  .differences = {},
                  .rhs = RightHandSide(h, b, order)};
  for (int64_t age = 1; age < order; ++age) {
    const float ratio = (LevelAt(from - age).lambda - s.lambda) / step;
    terms.ratios.push_back(ratio);
    terms.differences.push_back((outputs_[age] - outputs_[0]) / ratio);
  }
  return terms;
}

// Algorithm 2. The weight of order 2 is the paper's a_1 = 1/2.
at::Tensor UniPcScheduler::Predict(const at::Tensor& sample, int64_t index) const {
  const StepTerms terms = TermsOf(sample, index, last_order_);
  if (terms.differences.empty()) return terms.linear;
  const at::Tensor weights =
      last_order_ == 2 ? at::full({1}, 0.5) : SolveWeights(terms.ratios, terms.rhs);
  return terms.linear - terms.scale * WeightedSum(weights, terms.differences);
}

// Algorithm 1: the step that led here, again with the output found here.
at::Tensor UniPcScheduler::Correct(const at::Tensor& output, int64_t index) const {
  StepTerms terms = TermsOf(last_sample_, index - 1, last_order_);
  terms.ratios.push_back(1.0f);
  terms.differences.push_back(output - outputs_[0]);
  const at::Tensor weights =
      last_order_ == 1 ? at::full({1}, 0.5) : SolveWeights(terms.ratios, terms.rhs);
  return terms.linear - terms.scale * WeightedSum(weights, terms.differences);
}

at::Tensor UniPcScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                  const at::Tensor& sample, const NoiseSource&) {
  const at::Tensor output = Convert(sample, model_output, index);
  const at::Tensor corrected = CorrectsAt(index) ? Correct(output, index) : sample;
  outputs_.insert(outputs_.begin(), output);
  if (static_cast<int64_t>(outputs_.size()) > config().solver_order) outputs_.pop_back();
  last_order_ = OrderAt(index);
  last_sample_ = corrected;
  ++calls_;
  return Predict(corrected, index);
}

}  // namespace deepcode
