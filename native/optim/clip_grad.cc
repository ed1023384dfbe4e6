#include "optim/clip_grad.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace deepcode {

double GradientNorm(const std::vector<at::Tensor>& parameters) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) norms.push_back(at::linalg_vector_norm(parameter.grad()));
  }
  return norms.empty() ? 0.0 : at::linalg_vector_norm(at::stack(norms)).item<double>();
}

void ClipGradients(const std::vector<at::Tensor>& parameters, double norm, double max_norm) {
  at::NoGradGuard no_grad;
  const double factor = std::min(1.0, max_norm / (norm + 1e-6));
  if (factor == 1.0) return;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) parameter.grad().mul_(factor);
  }
}

}  // namespace deepcode
