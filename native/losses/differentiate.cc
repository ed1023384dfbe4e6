#include "losses/differentiate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace deepcode {

Differentiated Differentiate(
    std::vector<at::Tensor> inputs,
    const std::function<at::Tensor(const std::vector<at::Tensor>&)>& loss) {
  at::AutoGradMode grad(true);
  for (at::Tensor& input : inputs) input.requires_grad_(true);
  const at::Tensor value = loss(inputs);
  if (value.requires_grad()) value.backward();
  Differentiated result{value.item<double>(), {}};
  for (const at::Tensor& input : inputs) {
    const at::Tensor& gradient = input.grad();
    result.gradients.push_back(gradient.defined() ? gradient.contiguous() : at::zeros_like(input));
  }
  return result;
}

}  // namespace deepcode
