// CLIP's image encoder: a Vision Transformer with a norm before its blocks.
//
// Paper: Radford et al. 2021, section 2.4. Reference: transformers 5, modeling_clip.py
// (CLIPVisionModel).
// Differences: see clip_encoder.h; patches are embedded by a matrix product instead of a
// convolution.
// Parameter names equal transformers' keys (pre_layrnorm is spelled so there) without
// "vision_model.".
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "models/clip_encoder.h"
#include "nn/embedding.h"
#include "nn/layer_norm.h"
#include "nn/patch_embed.h"
#include "runtime/cancel.h"

namespace deepcode {

struct ClipVisionOptions {
  ClipEncoderOptions encoder;
  int64_t image_size;  // pixels, a multiple of patch_size
  int64_t patch_size;
  int64_t num_channels;
};

class ClipVision : public torch::nn::Module {
 public:
  struct Output {
    at::Tensor last_hidden;  // [N, L, D], before the final norm
    at::Tensor pooled;       // [N, D], the class token after the final norm
  };

  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit ClipVision(const ClipVisionOptions& options);

  // pixels [N, C, image_size, image_size], normalised, in the weights' dtype. Throws ERR_SHAPE,
  // Cancelled.
  Output Forward(const at::Tensor& pixels, const CancelToken& cancel);

  const ClipVisionOptions& options() const { return options_; }

 private:
  at::Tensor Embed(const at::Tensor& pixels) const;  // [N, L, D]
  void CheckPixels(const at::Tensor& pixels) const;

  const ClipVisionOptions options_;
  std::shared_ptr<PatchEmbed> patch_embedding_;
  at::Tensor class_embedding_;  // [D]
  std::shared_ptr<Embedding> position_embedding_;
  std::shared_ptr<LayerNorm> pre_layrnorm_;
  std::shared_ptr<ClipEncoder> encoder_;
  std::shared_ptr<LayerNorm> post_layernorm_;
};

}  // namespace deepcode
