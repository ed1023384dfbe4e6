// Dropout and stochastic depth from an explicit generator, whose state a checkpoint can save.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace deepcode {

// Zeroes each element with probability `p` and scales the rest by 1/(1-p). 0 <= p < 1; p = 0 returns
// x itself and draws nothing.
at::Tensor Dropout(const at::Tensor& x, double p, const at::Generator& generator);

// Stochastic depth (Huang et al. 2016): zeroes whole samples (dim 0) with probability `p` and scales
// the rest by 1/(1-p). p = 0 returns x itself and draws nothing.
at::Tensor DropPath(const at::Tensor& x, double p, const at::Generator& generator);

}  // namespace deepcode
