#include "pipelines/latent_codec.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "nn/compute_dtype.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

at::Tensor FiniteOnHost(const at::Tensor& tensor) {
  const at::Tensor host = tensor.to(at::kCPU, at::kFloat);
  if (at::isfinite(host).all().item<bool>()) return host;
  throw Error(ErrorCode::kNonfinite, "The autoencoder's output is NaN or infinite. Try dtype fp32.");
}

}  // namespace

std::shared_ptr<LatentCodec> LatentCodec::Load(const LatentCodecSpec& spec, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<LatentCodec> codec(new LatentCodec(spec));
  AutoencoderKl& vae = *codec->vae_;
  LoadAutoencoderKlWeights(vae, MappedWeights::Open(spec.weights),
                           {.prefix = "", .key = nullptr, .ignored = {}, .dtype = spec.dtype, .device = spec.device},
                           cancel);
  for (const at::Tensor& parameter : vae.parameters()) codec->memory_bytes_ += parameter.nbytes();
  vae.Prepare({spec.batch_size, spec.vae.latent_channels, spec.height, spec.width});
  return codec;
}

LatentCodec::LatentCodec(const LatentCodecSpec& spec)
    : spec_(spec), vae_(std::make_shared<AutoencoderKl>(spec.vae)) {
  vae_->eval();
}

at::Tensor LatentCodec::Encode(const at::Tensor& pixels, const VaeTiling& tiling,
                               const CancelToken& cancel) {
  c10::InferenceMode inference;
  return FiniteOnHost(vae_->Encode(ToDevice(pixels), tiling, cancel));
}

at::Tensor LatentCodec::Decode(const at::Tensor& latents, const VaeTiling& tiling,
                               const CancelToken& cancel) {
  c10::InferenceMode inference;
  return FiniteOnHost(vae_->Decode(ToDevice(latents), tiling, cancel));
}

at::Tensor LatentCodec::ToDevice(const at::Tensor& tensor) const {
  return tensor.to(spec_.device, ComputeDtype(spec_.device, spec_.dtype));
}

}  // namespace deepcode
