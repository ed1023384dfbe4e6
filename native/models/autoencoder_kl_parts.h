// The two halves of an AutoencoderKL. Module names as diffusers' Encoder and Decoder with
// DownEncoderBlock2D, UNetMidBlock2D and UpDecoderBlock2D.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "models/autoencoder_kl_options.h"
#include "nn/resample_2d.h"
#include "nn/resnet_block.h"
#include "nn/spatial_attention.h"
#include "runtime/cancel.h"

namespace deepcode {

// `count` residual blocks, `in` to `out` channels, and a resampling after them.
class VaeStage : public torch::nn::Module {
 public:
  VaeStage(const AutoencoderKlOptions& options, int64_t count, int64_t in, int64_t out);

  // To be called at most once, after construction.
  void AddDownsampler(int64_t channels);
  void AddUpsampler(int64_t channels);

  at::Tensor Forward(const at::Tensor& x, const CancelToken& cancel) const;

  // Returns the output's size.
  FeatureSize Prepare(FeatureSize size);

 private:
  std::vector<std::shared_ptr<ResnetBlock>> resnets_;
  std::shared_ptr<Downsample2d> downsampler_;
  std::shared_ptr<Upsample2d> upsampler_;
};

// Two residual blocks with attention between them.
class VaeMidBlock : public torch::nn::Module {
 public:
  explicit VaeMidBlock(const AutoencoderKlOptions& options);

  at::Tensor Forward(const at::Tensor& x, const CancelToken& cancel) const;

  void Prepare(FeatureSize size);

 private:
  std::vector<std::shared_ptr<ResnetBlock>> resnets_;
  std::shared_ptr<SpatialAttention> attention_;  // null without
};

class VaeEncoder : public torch::nn::Module {
 public:
  explicit VaeEncoder(const AutoencoderKlOptions& options);

  // pixels [N, in_channels, H, W] -> [N, 2 * latent_channels, h, w]
  at::Tensor Forward(const at::Tensor& pixels, const CancelToken& cancel) const;

  void Prepare(FeatureSize pixels);

 private:
  std::shared_ptr<Conv2d> conv_in_;
  std::vector<std::shared_ptr<VaeStage>> down_blocks_;
  std::shared_ptr<VaeMidBlock> mid_block_;
  std::shared_ptr<GroupNorm> conv_norm_out_;
  std::shared_ptr<Conv2d> conv_out_;
};

class VaeDecoder : public torch::nn::Module {
 public:
  explicit VaeDecoder(const AutoencoderKlOptions& options);

  // latents [N, latent_channels, h, w] -> [N, out_channels, H, W]
  at::Tensor Forward(const at::Tensor& latents, const CancelToken& cancel) const;

  void Prepare(FeatureSize latents);

 private:
  std::shared_ptr<Conv2d> conv_in_;
  std::shared_ptr<VaeMidBlock> mid_block_;
  std::vector<std::shared_ptr<VaeStage>> up_blocks_;
  std::shared_ptr<GroupNorm> conv_norm_out_;
  std::shared_ptr<Conv2d> conv_out_;
};

}  // namespace deepcode
