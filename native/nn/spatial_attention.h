// Self-attention of the positions of a feature map in one head, with a residual sum (Esser et al.
// 2021, "Taming Transformers", appendix A). Module names as diffusers' Attention with a group norm.
#pragma once

#include "nn/cross_attention.h"
#include "nn/feature_size.h"
#include "nn/group_norm.h"

namespace deepcode {

class SpatialAttention : public CrossAttention {
 public:
  SpatialAttention(int64_t channels, int64_t norm_groups, double norm_eps);

  // x [N, channels, h, w] -> x + attention(x)
  at::Tensor Forward(const at::Tensor& x);

  void PrepareMap(FeatureSize size) { Prepare(size.pixels(), 0); }

 private:
  std::shared_ptr<GroupNorm> group_norm_;
};

}  // namespace deepcode
