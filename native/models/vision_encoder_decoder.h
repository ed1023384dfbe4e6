// Text for an image: a Vision Transformer whose tokens GPT-2 looks at.
//
// Reference: transformers 5, modeling_vision_encoder_decoder.py (VisionEncoderDecoderModel), with
// ViT and GPT-2.
// Differences: the encoder is the detector's ViT, with timm's names inside (key_map/hf_vit.h has
// transformers' "encoder."); the pooler, which nothing reads, is left out.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "io/mapped_weights.h"
#include "models/gpt2.h"
#include "models/vit.h"
#include "nn/linear.h"
#include "runtime/cancel.h"

namespace deepcode {

// Before memory is taken for a network of these sizes: throws ERR_WEIGHTS_SHAPE or
// ERR_WEIGHTS_MISSING where a checkpoint with transformers' keys has others.
void CheckCaptionerSizes(const MappedWeights& weights, const VitOptions& encoder,
                         const Gpt2Options& decoder);

class VisionEncoderDecoder : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  VisionEncoderDecoder(const VitOptions& encoder, const Gpt2Options& decoder);

  // pixels [N, C, H, W], normalised, in the weights' dtype -> [N, tokens, n_embd], what the decoder
  // attends to. Throws ERR_SHAPE; Cancelled between blocks.
  at::Tensor Encode(const at::Tensor& pixels, const CancelToken& cancel);

  const Gpt2& decoder() const { return *decoder_; }

  // Fills the model from a checkpoint with transformers' keys. Throws ERR_WEIGHTS_* naming the
  // keys; Cancelled. From then on the weights must not change. Returns their size in bytes.
  int64_t LoadWeights(const MappedWeights& weights, at::ScalarType dtype, at::Device device,
                      const CancelToken& cancel);

 private:
  std::shared_ptr<Vit> encoder_;
  std::shared_ptr<Linear> enc_to_dec_proj_;  // where the widths differ
  std::shared_ptr<Gpt2> decoder_;
};

}  // namespace deepcode
