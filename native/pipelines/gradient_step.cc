#include "pipelines/gradient_step.h"

#include <ATen/ATen.h>

#include <cmath>

#include "optim/clip_grad.h"
#include "pipelines/trainer_network.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

std::vector<at::Tensor> TensorsOf(const std::vector<OptimizedParameter>& parameters) {
  std::vector<at::Tensor> tensors;
  for (const OptimizedParameter& p : parameters) tensors.push_back(p.tensor);
  return tensors;
}

}  // namespace

GradientStep::GradientStep(std::vector<OptimizedParameter> parameters, const OptimizerSpec& spec)
    : parameters_(std::move(parameters)),
      clip_grad_norm_(spec.clip_grad_norm),
      optimizer_(MakeOptimizer(spec, parameters_)),
      sam_(spec.sam_rho > 0
               ? std::make_unique<SharpnessAware>(TensorsOf(parameters_), spec.sam_rho)
               : nullptr) {}

void GradientStep::RequireFinite(double value, const char* what) {
  if (std::isfinite(value)) return;
  Drop();
  throw Error(ErrorCode::kNonfinite,
              std::string(what) + " of step " + std::to_string(optimizer_->steps() + 1) +
                  " is NaN or infinite; the weights were not changed. Try a smaller learning rate, "
                  "gradient clipping or dtype fp32.");
}

double GradientStep::FiniteNorm() {
  const double norm = GradientNorm(TensorsOf(parameters_));
  RequireFinite(norm, "The gradient");
  return norm;
}

void GradientStep::Climb() {
  if (!sam_) throw Error(ErrorCode::kConfig, "This run has no sharpness-aware minimisation.");
  sam_->Climb(FiniteNorm());
  ClearGradients();
}

double GradientStep::Update(double learning_rate) {
  const double norm = FiniteNorm();
  if (sam_) sam_->Return();
  if (clip_grad_norm_ > 0) ClipGradients(TensorsOf(parameters_), norm, clip_grad_norm_);
  optimizer_->Step(learning_rate);
  ClearGradients();
  return norm;
}

void GradientStep::Drop() {
  ClearGradients();
  if (sam_) sam_->Return();
}

void GradientStep::ClearGradients() {
  for (const OptimizedParameter& p : parameters_) at::Tensor(p.tensor).mutable_grad().reset();
}

}  // namespace deepcode
