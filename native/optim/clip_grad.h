// The global norm of gradients, and clipping by it.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

// The 2-norm of all gradients together. Parameters without a gradient count as 0.
double GradientNorm(const std::vector<at::Tensor>& parameters);

// Scales gradients by max_norm / (norm + 1e-6) where that is below 1, as clip_grad_norm_ does.
void ClipGradients(const std::vector<at::Tensor>& parameters, double norm, double max_norm);

}  // namespace deepcode
