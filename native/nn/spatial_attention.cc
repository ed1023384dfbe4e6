#include "nn/spatial_attention.h"

#include "nn/tokens.h"

namespace deepcode {

SpatialAttention::SpatialAttention(int64_t channels, int64_t norm_groups, double norm_eps)
    : CrossAttention({channels, channels, 1, true}) {
  group_norm_ =
      register_module("group_norm", std::make_shared<GroupNorm>(norm_groups, channels, norm_eps));
}

at::Tensor SpatialAttention::Forward(const at::Tensor& x) {
  const at::Tensor normed = ToTokens(group_norm_->Forward(x));
  return FromTokens(ForwardAdded(normed, at::Tensor(), ToTokens(x)), x.size(2), x.size(3));
}

}  // namespace deepcode
