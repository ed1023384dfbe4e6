#include "optim/sgd.h"

#include <ATen/ATen.h>

namespace deepcode {

Sgd::Sgd(std::vector<OptimizedParameter> parameters, const SgdOptions& options)
    : Optimizer(std::move(parameters)), options_(options), momentum_buffer_(Zeros()) {}

void Sgd::Update(size_t index, const at::Tensor& gradient, double learning_rate) {
  at::Tensor parameter = parameters_[index].tensor;
  const double decay = parameters_[index].decay ? options_.weight_decay : 0.0;
  const at::Tensor grad = decay == 0.0 ? gradient : gradient.add(parameter, decay);
  // The first step of PyTorch copies the gradient into the buffer; from zero this is the same.
  momentum_buffer_[index].mul_(options_.momentum).add_(grad);
  parameter.add_(momentum_buffer_[index], -learning_rate);
}

std::vector<std::pair<std::string, at::Tensor>> Sgd::State() const {
  return Named("momentum_buffer", momentum_buffer_);
}

}  // namespace deepcode
