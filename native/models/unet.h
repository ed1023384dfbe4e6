// UNet2DConditionModel: predicts the noise in latents, conditioned on a timestep and on text.
//
// Papers: Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models";
// Ronneberger et al. 2015, "U-Net"; Luo et al. 2023, "Latent Consistency Models" (guidance
// embedding). Reference: diffusers, models/unets/unet_2d_condition.py, as Stable Diffusion 1.x and
// 2.x and smaller ones use it.
// Differences: for inference only. Attention is always at::scaled_dot_product_attention, whose
// scores are fp32 in every dtype, so the config's upcast_attention changes nothing; nor does
// use_linear_projection, because a 1 x 1 convolution is the same product.
// Parameter names equal diffusers' keys: conv_in.weight, down_blocks.0.resnets.0.norm1.weight, ...
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "models/unet_options.h"
#include "runtime/cancel.h"

namespace deepcode {

class Conv2d;
class GroupNorm;
class TimestepEmbedding;
class UnetDownBlock;
class UnetMidBlock;
class UnetUpBlock;

class Unet : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit Unet(const UnetOptions& options);

  // latents [N, in_channels, h, w], timesteps [N] of any number type, text [N, L,
  // cross_attention_dim] -> [N, out_channels, h, w], contiguous. `timestep_cond` [N,
  // time_cond_proj_dim] is LCM's guidance embedding and may be undefined. All on the weights'
  // device; latents, text and timestep_cond in the weights' dtype. Throws ERR_SHAPE; Cancelled
  // between the layers of a block.
  at::Tensor Forward(const at::Tensor& latents, const at::Tensor& timesteps, const at::Tensor& text,
                     const at::Tensor& timestep_cond, const CancelToken& cancel);

  // Lays the weights out for inference on latents of about this shape, [N, in_channels, h, w], and
  // `tokens` of text; others work too. From then on the weights can be neither read nor changed.
  void Prepare(at::IntArrayRef latents, int64_t tokens);

  const UnetOptions& options() const { return options_; }

 private:
  void RegisterDown();
  void RegisterMid();
  void RegisterUp();
  at::Tensor Embed(const at::Tensor& timesteps, const at::Tensor& timestep_cond,
                   at::ScalarType dtype);  // [N, time_embedding_dim]
  void CheckInputs(const at::Tensor& latents, const at::Tensor& timesteps, const at::Tensor& text,
                   const at::Tensor& timestep_cond) const;

  const UnetOptions options_;
  std::shared_ptr<Conv2d> conv_in_;
  std::shared_ptr<TimestepEmbedding> time_embedding_;
  std::vector<std::shared_ptr<UnetDownBlock>> down_blocks_;
  std::shared_ptr<UnetMidBlock> mid_block_;  // may be null
  std::vector<std::shared_ptr<UnetUpBlock>> up_blocks_;
  std::shared_ptr<GroupNorm> conv_norm_out_;
  std::shared_ptr<Conv2d> conv_out_;
};

}  // namespace deepcode
