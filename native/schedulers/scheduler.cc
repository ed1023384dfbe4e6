#include "schedulers/scheduler.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "runtime/error.h"

namespace deepcode {
namespace {

void CheckSameShape(const at::Tensor& first, const at::Tensor& second) {
  if (first.sizes() == second.sizes()) return;
  throw Error(ErrorCode::kShape, "Expected two tensors of one shape for a scheduler's step.");
}

}  // namespace

void Scheduler::CheckIndex(int64_t index) const {
  const auto count = static_cast<int64_t>(timesteps_.size());
  if (index >= 0 && index < count) return;
  throw Error(ErrorCode::kConfig, "Expected a position below " + std::to_string(count) +
                                      " in the scheduler's timesteps but received " +
                                      std::to_string(index) + ".");
}

at::Tensor Scheduler::ScaleInput(const at::Tensor& sample, int64_t index) const {
  CheckIndex(index);
  return DoScaleInput(sample.to(at::kFloat), index).to(sample.scalar_type());
}

at::Tensor Scheduler::Step(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                           const NoiseSource& noise) {
  CheckIndex(index);
  CheckSameShape(model_output, sample);
  return DoStep(model_output.to(at::kFloat), index, sample.to(at::kFloat), noise)
      .to(sample.scalar_type());
}

at::Tensor Scheduler::AddNoise(const at::Tensor& original, const at::Tensor& noise,
                               int64_t index) const {
  CheckIndex(index);
  CheckSameShape(original, noise);
  return DoAddNoise(original.to(at::kFloat), noise.to(at::kFloat), index)
      .to(original.scalar_type());
}

int64_t Scheduler::FirstIndex(int64_t steps, double strength) const {
  const auto kept = static_cast<int64_t>(static_cast<double>(steps) * strength);
  return (steps - std::clamp<int64_t>(kept, 0, steps)) * order();
}

}  // namespace deepcode
