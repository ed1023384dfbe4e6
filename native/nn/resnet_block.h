// The residual block of diffusion UNets and autoencoders (He et al. 2016; Ho et al. 2020, appendix
// B):
//   h = conv1(act(norm1(x)))
//   h = conv2(act(norm2(h + time_emb_proj(t))))       or, with time_scale_shift (Dhariwal & Nichol 2021,
//   h = conv2(act(norm2(h) * (1 + scale) + shift))    section 3), scale and shift from the projection
//   y = (shortcut(x) + h) / output_scale_factor
// Module names as diffusers' ResnetBlock2D.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/conv2d.h"
#include "nn/group_norm.h"
#include "nn/linear.h"

namespace deepcode {

struct ResnetBlockOptions {
  int64_t in_channels;
  int64_t out_channels;
  int64_t embedding_dim;  // of the timestep; 0: the block has none
  bool time_scale_shift;
  int64_t norm_groups;
  double norm_eps;
  Activation activation;
  double output_scale_factor;
};

class ResnetBlock : public torch::nn::Module {
 public:
  explicit ResnetBlock(const ResnetBlockOptions& options);

  // x [N, in_channels, h, w] -> [N, out_channels, h, w]. `embedding` [N, embedding_dim] is the
  // timestep's, already through the activation; undefined where the block has none.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& embedding);

  void Prepare(FeatureSize size);

 private:
  // What conv2 reads. `h` is the output of conv1 and is overwritten.
  at::Tensor Middle(at::Tensor h, const at::Tensor& embedding) const;

  const ResnetBlockOptions options_;
  std::shared_ptr<GroupNorm> norm1_;
  std::shared_ptr<Conv2d> conv1_;
  std::shared_ptr<Linear> time_emb_proj_;  // null without embedding
  std::shared_ptr<GroupNorm> norm2_;
  std::shared_ptr<Conv2d> conv2_;
  std::shared_ptr<Conv2d> conv_shortcut_;  // null where in and out are equally wide
};

}  // namespace deepcode
