// The transformer that both halves of CLIP share: pre-norm blocks of self-attention and a two-layer
// perceptron.
//
// Paper: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
// Supervision".
// Reference: transformers 5, modeling_clip.py (CLIPEncoder).
// Difference: query, key and value are one fused projection, and out_proj is called proj, as in the
// ViT; key maps (io/key_map/clip_names.h) join and rename on load. All other names equal
// transformers' keys.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/mlp.h"
#include "runtime/cancel.h"

namespace deepcode {

// Fields as in the config.json of a CLIP text or vision model.
struct ClipEncoderOptions {
  int64_t hidden_size;  // a multiple of num_attention_heads
  int64_t intermediate_size;
  int64_t num_hidden_layers;
  int64_t num_attention_heads;
  double layer_norm_eps;
  Activation hidden_act;
};

class ClipEncoderLayer : public torch::nn::Module {
 public:
  ClipEncoderLayer(const ClipEncoderOptions& options, bool causal);

  // x [N, L, D] -> [N, L, D]
  at::Tensor Forward(const at::Tensor& x);

 private:
  std::shared_ptr<LayerNorm> layer_norm1_;
  std::shared_ptr<Attention> self_attn_;
  std::shared_ptr<LayerNorm> layer_norm2_;
  std::shared_ptr<Mlp> mlp_;
};

class ClipEncoder : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  ClipEncoder(const ClipEncoderOptions& options, bool causal);

  // x [N, L, D] -> [N, L, D], through all layers but the last `skipped`, 0 to num_hidden_layers.
  at::Tensor Forward(const at::Tensor& x, int64_t skipped, const CancelToken& cancel);

 private:
  std::vector<std::shared_ptr<ClipEncoderLayer>> layers_;
};

}  // namespace deepcode
