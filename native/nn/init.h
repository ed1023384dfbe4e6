// Parameter initialisation from an explicit generator, so that a seed fixes every weight.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace deepcode {

// Normal(0, std) truncated to [-2, 2] (absolute bounds, as timm's trunc_normal_), by the inverse
// distribution function. In place.
void TruncatedNormal(at::Tensor parameter, double std, const at::Generator& generator);

// Normal(0, std), in place.
void Normal(at::Tensor parameter, double std, const at::Generator& generator);

// Uniform(-1/sqrt(fan_in), 1/sqrt(fan_in)): PyTorch's default for a Linear or Conv weight, which is
// kaiming_uniform with a = sqrt(5), and for its bias. In place.
void FanInUniform(at::Tensor parameter, int64_t fan_in, const at::Generator& generator);

}  // namespace deepcode
