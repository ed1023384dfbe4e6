#include "models/autoencoder_kl.h"

#include <ATen/ATen.h>

#include <sstream>
#include <utility>
#include <vector>

#include "io/key_map/vae_names.h"
#include "models/autoencoder_kl_parts.h"
#include "models/tiled.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

void CheckMap(const at::Tensor& map, const char* name, int64_t channels, int64_t smallest_side) {
  if (map.dim() == 4 && map.size(0) > 0 && map.size(1) == channels && map.size(2) >= smallest_side &&
      map.size(3) >= smallest_side) {
    return;
  }
  std::ostringstream message;
  message << "Expected [N, " << channels << ", h, w] with sides of at least " << smallest_side
          << " for the autoencoder's " << name << " but received " << map.sizes() << ".";
  throw Error(ErrorCode::kShape, message.str());
}

at::Tensor ChannelsLast(const at::Tensor& map) { return map.contiguous(at::MemoryFormat::ChannelsLast); }

// Runs `network` on the whole batch, or on one sample after the other.
template <class Network>
at::Tensor Sliced(const at::Tensor& x, bool slicing, const Network& network) {
  if (!slicing || x.size(0) == 1) return network(x).contiguous();
  std::vector<at::Tensor> results;
  for (const at::Tensor& sample : x.split(1)) results.push_back(network(sample));
  return at::cat(results).contiguous();
}

bool Exceeds(const at::Tensor& map, int64_t side) { return map.size(2) > side || map.size(3) > side; }

}  // namespace

AutoencoderKl::AutoencoderKl(const AutoencoderKlOptions& options) : options_(options) {
  CheckAutoencoderKlOptions(options);
  const auto pointwise = [&](const char* name, int64_t channels) {
    return register_module(name,
                           std::make_shared<Conv2d>(Conv2dOptions{channels, channels, 1, 1, 0}));
  };
  encoder_ = register_module("encoder", std::make_shared<VaeEncoder>(options));
  decoder_ = register_module("decoder", std::make_shared<VaeDecoder>(options));
  if (options.use_quant_conv) quant_conv_ = pointwise("quant_conv", 2 * options.latent_channels);
  if (options.use_post_quant_conv) post_quant_conv_ = pointwise("post_quant_conv", options.latent_channels);
}

at::Tensor AutoencoderKl::Encode(const at::Tensor& pixels, const VaeTiling& tiling,
                                 const CancelToken& cancel) {
  const AutoencoderKlOptions& o = options_;
  CheckMap(pixels, "pixels", o.in_channels, o.downsampling());
  const auto tile = [&](const at::Tensor& part) { return EncodeTile(part, cancel); };
  return Sliced(pixels, tiling.slicing, [&](const at::Tensor& x) {
    if (!tiling.tiling || !Exceeds(x, o.sample_size)) return tile(x);
    return RunTiled(x, {o.sample_size, o.sample_size / o.downsampling()}, tile);
  });
}

at::Tensor AutoencoderKl::Decode(const at::Tensor& latents, const VaeTiling& tiling,
                                 const CancelToken& cancel) {
  const AutoencoderKlOptions& o = options_;
  CheckMap(latents, "latents", o.latent_channels, 1);
  const int64_t side = o.sample_size / o.downsampling();
  const auto tile = [&](const at::Tensor& part) { return DecodeTile(part, cancel); };
  return Sliced(latents, tiling.slicing, [&](const at::Tensor& x) {
    if (!tiling.tiling || !Exceeds(x, side)) return tile(x);
    return RunTiled(x, {side, o.sample_size}, tile);
  });
}

at::Tensor AutoencoderKl::EncodeTile(const at::Tensor& pixels, const CancelToken& cancel) {
  const at::Tensor moments = encoder_->Forward(ChannelsLast(pixels), cancel);
  return quant_conv_ ? quant_conv_->Forward(moments) : moments;
}

at::Tensor AutoencoderKl::DecodeTile(const at::Tensor& latents, const CancelToken& cancel) {
  const at::Tensor x = ChannelsLast(latents);
  return decoder_->Forward(post_quant_conv_ ? post_quant_conv_->Forward(x) : x, cancel);
}

void AutoencoderKl::Prepare(at::IntArrayRef latents) {
  const FeatureSize small{latents[0], latents[2], latents[3]};
  const int64_t scale = options_.downsampling();
  encoder_->Prepare({small.batch, scale * small.height, scale * small.width});
  decoder_->Prepare(small);
  if (quant_conv_) quant_conv_->Prepare(small);
  if (post_quant_conv_) post_quant_conv_->Prepare(small);
}

void LoadAutoencoderKlWeights(AutoencoderKl& vae, const MappedWeights& weights,
                              ModuleWeightsOptions options, const CancelToken& cancel) {
  const std::string attention = "decoder.mid_block.attentions.0.";
  if (!options.key && weights.Contains(options.prefix + attention + "query.weight")) {
    options.key = OldVaeName;
  }
  LoadModuleWeights(vae, weights, options, cancel);
}

}  // namespace deepcode
