// Adaptive instance normalisation (Huang & Belongie 2017, equation 8).
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

//   sigma(style) * (content - mu(content)) / sigma(content) + mu(style)
// content [N, C, h, w], style [N, C, h', w'] -> content's shape. mu and sigma are taken over
// positions, for each image and channel; sigma^2 is the unbiased variance + eps, so that maps need
// two positions.
at::Tensor AdaptiveInstanceNorm(const at::Tensor& content, const at::Tensor& style, double eps);

}  // namespace deepcode
