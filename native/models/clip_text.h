// CLIP's text encoder, what Stable Diffusion 1.x and 2.x read a prompt with.
//
// Paper: Radford et al. 2021, section 2.4. Reference: transformers 5, modeling_clip.py
// (CLIPTextModel); skipped layers as diffusers' clip_skip.
// Differences: see clip_encoder.h; padding is never masked, as Stable Diffusion never masks it.
// Parameter names equal transformers' keys without "text_model.".
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "io/mapped_weights.h"
#include "models/clip_encoder.h"
#include "nn/embedding.h"
#include "nn/layer_norm.h"
#include "runtime/cancel.h"

namespace deepcode {

struct ClipTextOptions {
  ClipEncoderOptions encoder;
  int64_t vocab_size;
  int64_t max_position_embeddings;  // the longest sequence: 77
  // The token whose state is the pooled output: its first place in a sequence. 2, which old configs
  // say for every vocabulary, means the place of the highest id.
  int64_t eos_token_id;
};

class ClipText : public torch::nn::Module {
 public:
  struct Output {
    at::Tensor last_hidden;  // [N, L, D], after the final norm
    at::Tensor pooled;       // [N, D], last_hidden at the end-of-text token
  };

  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit ClipText(const ClipTextOptions& options);

  // ids [N, L] int64, L at most max_position_embeddings, on the weights' device. `skipped_layers`,
  // below num_hidden_layers: how many of the last layers are left out before the final norm
  // (diffusers: clip_skip). SD 2.x needs none: its checkpoints have one layer less already. Throws
  // ERR_SHAPE for ids that do not fit; Cancelled.
  Output Forward(const at::Tensor& ids, int64_t skipped_layers, const CancelToken& cancel);

  const ClipTextOptions& options() const { return options_; }

 private:
  void CheckIds(const at::Tensor& ids, int64_t skipped_layers) const;
  at::Tensor PooledPositions(const at::Tensor& ids) const;  // [N]

  const ClipTextOptions options_;
  std::shared_ptr<Embedding> token_embedding_;
  std::shared_ptr<Embedding> position_embedding_;
  std::shared_ptr<ClipEncoder> encoder_;
  std::shared_ptr<LayerNorm> final_layer_norm_;
};

// Fills the model from a checkpoint with transformers' keys, with or without "text_model.".
// position_ids and text_projection.weight, which some files hold, are ignored. Throws ERR_WEIGHTS_*
// naming the keys; Cancelled.
void LoadClipText(ClipText& model, const MappedWeights& weights, at::ScalarType dtype,
                  at::Device device, const CancelToken& cancel);

}  // namespace deepcode
