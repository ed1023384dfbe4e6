// A loss with its gradients, for use outside of a trainer.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace deepcode {

struct Differentiated {
  double loss;
  std::vector<at::Tensor> gradients;  // of the inputs, in their order; 0 for one that takes no part
};

// Calls `loss` with the inputs, which must not be part of another graph, and differentiates its
// scalar.
Differentiated Differentiate(
    std::vector<at::Tensor> inputs,
    const std::function<at::Tensor(const std::vector<at::Tensor>&)>& loss);

}  // namespace deepcode
