#include "nn/adain.h"

#include <ATen/ATen.h>

#include <tuple>

namespace deepcode {

at::Tensor AdaptiveInstanceNorm(const at::Tensor& content, const at::Tensor& style, double eps) {
  const auto [content_var, content_mean] =
      at::var_mean(content, at::IntArrayRef{2, 3}, /*unbiased=*/true, /*keepdim=*/true);
  const auto [style_var, style_mean] =
      at::var_mean(style, at::IntArrayRef{2, 3}, /*unbiased=*/true, /*keepdim=*/true);
  const at::Tensor ratio = (style_var + eps).sqrt() / (content_var + eps).sqrt();
  return (content - content_mean) * ratio + style_mean;
}

}  // namespace deepcode
