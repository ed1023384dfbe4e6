#include "optim/sam.h"

#include <ATen/ATen.h>

namespace deepcode {

SharpnessAware::SharpnessAware(std::vector<at::Tensor> parameters, double rho)
    : parameters_(std::move(parameters)), rho_(rho) {}

void SharpnessAware::Climb(double gradient_norm) {
  at::NoGradGuard no_grad;
  Return();
  const double scale = rho_ / (gradient_norm + 1e-12);
  for (const at::Tensor& parameter : parameters_) {
    origin_.push_back(parameter.detach().clone());
    const at::Tensor& gradient = parameter.grad();
    if (gradient.defined()) at::Tensor(parameter).add_(gradient, scale);
  }
}

void SharpnessAware::Return() {
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < origin_.size(); ++i) at::Tensor(parameters_[i]).copy_(origin_[i]);
  origin_.clear();
}

}  // namespace deepcode
