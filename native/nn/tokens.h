// Feature maps as sequences of positions. For channels-last maps both are views.
#pragma once

#include <ATen/ATen.h>

namespace deepcode {

// [N, C, h, w] -> [N, h * w, C]
inline at::Tensor ToTokens(const at::Tensor& map) { return map.permute({0, 2, 3, 1}).flatten(1, 2); }

// [N, height * width, C] -> [N, C, height, width], channels-last
inline at::Tensor FromTokens(const at::Tensor& tokens, int64_t height, int64_t width) {
  return tokens.unflatten(1, {height, width}).permute({0, 3, 1, 2});
}

}  // namespace deepcode
