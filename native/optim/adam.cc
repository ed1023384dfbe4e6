#include "optim/adam.h"

#include <ATen/ATen.h>

#include <cmath>

namespace deepcode {

Adam::Adam(std::vector<OptimizedParameter> parameters, const AdamOptions& options)
    : Optimizer(std::move(parameters)),
      options_(options),
      exp_avg_(Zeros()),
      exp_avg_sq_(Zeros()) {}

void Adam::Update(size_t index, const at::Tensor& gradient, double learning_rate) {
  at::Tensor parameter = parameters_[index].tensor;
  const double decay = parameters_[index].decay ? options_.weight_decay : 0.0;
  at::Tensor grad = gradient;
  if (decay != 0.0 && options_.decoupled) parameter.mul_(1.0 - learning_rate * decay);
  if (decay != 0.0 && !options_.decoupled) grad = grad.add(parameter, decay);
  exp_avg_[index].lerp_(grad, 1.0 - kBeta1);
  exp_avg_sq_[index].mul_(kBeta2).addcmul_(grad, grad, 1.0 - kBeta2);
  const double step = static_cast<double>(steps());
  const double correction1 = 1.0 - std::pow(kBeta1, step);
  const double correction2 = std::sqrt(1.0 - std::pow(kBeta2, step));
  const at::Tensor denominator = exp_avg_sq_[index].sqrt().div_(correction2).add_(kEps);
  parameter.addcdiv_(exp_avg_[index], denominator, -(learning_rate / correction1));
}

std::vector<std::pair<std::string, at::Tensor>> Adam::State() const {
  auto state = Named("exp_avg", exp_avg_);
  for (auto& entry : Named("exp_avg_sq", exp_avg_sq_)) state.push_back(std::move(entry));
  return state;
}

}  // namespace deepcode
