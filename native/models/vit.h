// Vision Transformer, every plain variant of timm's VisionTransformer and VisionTransformerDistilled, and
// those whose tokens come from a stem of convolutions (nn/conv_stem_embed.h).
//
// Papers: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"; Touvron et al. 2021, "Training
// data-efficient image transformers" (distillation token); Darcet et al. 2024, "Vision Transformers
// Need Registers". Reference: timm 1.0, vision_transformer.py and deit.py.
// Differences: patches are embedded by a matrix product instead of a convolution; the representation
// layer that timm 0.4 had (pre_logits: linear + tanh) is kept as an option.
// Parameter names equal timm's keys: cls_token, pos_embed, patch_embed.proj.weight,
// blocks.0.attn.qkv.weight, norm.weight, head.weight, ...
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/vit_block.h"
#include "models/vit_options.h"
#include "nn/conv_stem_embed.h"
#include "nn/patch_embed.h"
#include "runtime/cancel.h"

namespace deepcode {

struct VitOutput {
  at::Tensor features;  // [N, num_features], what the head reads
  at::Tensor logits;    // [N, num_classes]
};

class Vit : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit Vit(const VitOptions& options);

  // timm's default initialisation: truncated normal 0.02 for linear weights and position embeddings,
  // zero biases, normal 1e-6 for the class and register tokens, PyTorch's default for the patches.
  void InitWeights(const at::Generator& generator);

  // Replaces the patch embedding by one that whitens the patches of `pixels` [N, C, height, width]; see
  // nn/patch_whitening.h. Throws ERR_SHAPE; ERR_CONFIG for a network with a stem.
  void WhitenPatches(const at::Tensor& pixels, double noise);

  // As InitWeights, for the heads only.
  void InitHead(const at::Generator& generator);

  // pixels [N, C, image_height, image_width], normalised, in the weights' dtype. With `attention` not
  // null, each block's softmax matrix [N, heads, L, L] is appended to it. Throws ERR_SHAPE, Cancelled.
  VitOutput Forward(const at::Tensor& pixels, const CancelToken& cancel,
                    std::vector<at::Tensor>* attention = nullptr);

  // The tokens after the final norm, where there is one, instead: [N, L, dim]. Otherwise as Forward.
  at::Tensor ForwardTokens(const at::Tensor& pixels, const CancelToken& cancel);

  // Every linear layer inside the network with its name ("blocks.0.attn.qkv", ..., "head").
  std::vector<std::pair<std::string, std::shared_ptr<LoraLinear>>> Linears() const;

  // Stochastic depth, rising linearly from 0 in the first block to `rate` in the last.
  void SetStochasticDepth(double rate);

  // What dropout and stochastic depth draw from; on the weights' device.
  void SetGenerator(const at::Generator& generator);

  // Folds the stem's norms into its convolutions, where there is a stem; before the weights are rounded to
  // another dtype. From then on for inference only.
  void Fold();

  // Packs every linear layer and the stem for batches of about `batch` images. Inference only, after Fold.
  void Pack(int64_t batch);

  const VitOptions& options() const { return options_; }

 private:
  void RegisterTokens();
  void RegisterEmbedding();
  void RegisterHead();
  at::Tensor Embed(const at::Tensor& pixels) const;      // [N, L, dim]
  // How many of the last block's tokens are read. With token pooling it is the class token, and one for
  // the distillation head; the rest of that block's output would be computed for nothing.
  int64_t PooledTokens() const;
  at::Tensor PoolTokens(const at::Tensor& tokens) const;  // [N, dim]
  at::Tensor PreLogits(const at::Tensor& pooled);         // [N, num_features]
  VitOutput DistilledHead(const at::Tensor& tokens);
  void CheckPixels(const at::Tensor& pixels) const;

  const VitOptions options_;
  std::shared_ptr<PatchEmbed> patch_embed_;  // null with a stem
  std::shared_ptr<ConvStemEmbed> stem_;      // null without
  at::Tensor cls_token_;   // [1, 1, dim], undefined without class token
  at::Tensor dist_token_;  // [1, 1, dim], undefined unless distilled
  at::Tensor reg_token_;   // [1, reg_tokens, dim], undefined without registers
  at::Tensor pos_embed_;   // [1, embedded prefix + patches, dim], undefined without
  std::shared_ptr<LayerNorm> norm_pre_;
  std::vector<std::shared_ptr<VitBlock>> blocks_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<LayerNorm> fc_norm_;
  std::shared_ptr<LoraLinear> pre_logits_;
  std::shared_ptr<LoraLinear> head_;
  std::shared_ptr<LoraLinear> head_dist_;
};

}  // namespace deepcode
