// AutoencoderKL: images to latents and back.
//
// Papers: Kingma & Welling 2014, "Auto-Encoding Variational Bayes"; Rombach et al. 2022,
// "High-Resolution Image Synthesis with Latent Diffusion Models". Reference: diffusers,
// models/autoencoders/autoencoder_kl.py and vae.py.
// Differences: for inference only. Encode gives the moments; sampling from them and the scaling
// factor are the caller's. Attention is at::scaled_dot_product_attention.
// Parameter names equal diffusers' keys: encoder.conv_in.weight,
// decoder.mid_block.attentions.0.to_q.weight; the names that diffusers used before 0.17 (query,
// key, value, proj_attn) are read as well.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "io/mapped_weights.h"
#include "models/autoencoder_kl_options.h"
#include "nn/module_weights.h"
#include "runtime/cancel.h"

namespace deepcode {

class Conv2d;
class VaeDecoder;
class VaeEncoder;

class AutoencoderKl : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit AutoencoderKl(const AutoencoderKlOptions& options);

  // pixels [N, in_channels, H, W] from -1 to 1, H and W multiples of the downsampling, in the
  // weights' dtype -> [N, 2 * latent_channels, h, w]: means, then logarithms of variances. Throws
  // ERR_SHAPE; Cancelled between layers and tiles.
  at::Tensor Encode(const at::Tensor& pixels, const VaeTiling& tiling, const CancelToken& cancel);

  // latents [N, latent_channels, h, w], already divided by the scaling factor, in the weights'
  // dtype -> [N, out_channels, H, W], about -1 to 1 and not clamped. Throws ERR_SHAPE; Cancelled.
  at::Tensor Decode(const at::Tensor& latents, const VaeTiling& tiling, const CancelToken& cancel);

  // Lays the weights out for inference on latents of about this shape, [N, latent_channels, h, w];
  // others work too. From then on the weights can be neither read nor changed.
  void Prepare(at::IntArrayRef latents);

  const AutoencoderKlOptions& options() const { return options_; }

 private:
  at::Tensor EncodeTile(const at::Tensor& pixels, const CancelToken& cancel);
  at::Tensor DecodeTile(const at::Tensor& latents, const CancelToken& cancel);

  const AutoencoderKlOptions options_;
  std::shared_ptr<VaeEncoder> encoder_;
  std::shared_ptr<VaeDecoder> decoder_;
  std::shared_ptr<Conv2d> quant_conv_;       // may be null
  std::shared_ptr<Conv2d> post_quant_conv_;  // may be null
};

// LoadModuleWeights; where `options.key` is null, for a file with either generation of attention
// names.
void LoadAutoencoderKlWeights(AutoencoderKl& vae, const MappedWeights& weights,
                              ModuleWeightsOptions options, const CancelToken& cancel);

}  // namespace deepcode
