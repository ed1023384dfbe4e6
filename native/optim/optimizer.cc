#include "optim/optimizer.h"

#include <ATen/ATen.h>

namespace deepcode {

Optimizer::Optimizer(std::vector<OptimizedParameter> parameters)
    : parameters_(std::move(parameters)) {}

void Optimizer::Step(double learning_rate) {
  at::NoGradGuard no_grad;
  ++steps_;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor gradient = parameters_[i].tensor.grad();
    if (gradient.defined()) Update(i, gradient, learning_rate);
  }
}

std::vector<at::Tensor> Optimizer::Zeros() const {
  std::vector<at::Tensor> tensors;
  for (const OptimizedParameter& p : parameters_) {
    tensors.push_back(at::zeros_like(p.tensor, at::MemoryFormat::Contiguous));
  }
  return tensors;
}

std::vector<std::pair<std::string, at::Tensor>> Optimizer::Named(
    const char* prefix, const std::vector<at::Tensor>& tensors) const {
  std::vector<std::pair<std::string, at::Tensor>> named;
  for (size_t i = 0; i < tensors.size(); ++i) {
    named.emplace_back(std::string(prefix) + "." + parameters_[i].name, tensors[i]);
  }
  return named;
}

}  // namespace deepcode
