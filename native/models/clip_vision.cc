#include "models/clip_vision.h"

#include <ATen/ATen.h>

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

int64_t Patches(const ClipVisionOptions& o) {
  const int64_t side = o.image_size / o.patch_size;
  return side * side;
}

void CheckOptions(const ClipVisionOptions& o) {
  if (o.patch_size >= 1 && o.num_channels >= 1 && o.image_size >= o.patch_size &&
      o.image_size % o.patch_size == 0) {
    return;
  }
  throw Error(ErrorCode::kConfig,
              "The CLIP configuration needs an image_size that is a multiple of patch_size.");
}

}  // namespace

ClipVision::ClipVision(const ClipVisionOptions& options) : options_(options) {
  const ClipVisionOptions& o = options_;
  CheckOptions(o);
  encoder_ = std::make_shared<ClipEncoder>(o.encoder, /*causal=*/false);
  const int64_t dim = o.encoder.hidden_size;
  const auto norm = [&] { return std::make_shared<LayerNorm>(dim, o.encoder.layer_norm_eps); };
  const auto embeddings = register_module("embeddings", std::make_shared<torch::nn::Module>());
  class_embedding_ = embeddings->register_parameter("class_embedding", at::empty({dim}));
  patch_embedding_ = embeddings->register_module(
      "patch_embedding", std::make_shared<PatchEmbed>(PatchEmbedOptions{
                             o.patch_size, o.patch_size, o.num_channels, dim, /*bias=*/false}));
  position_embedding_ = embeddings->register_module(
      "position_embedding", std::make_shared<Embedding>(1 + Patches(o), dim));
  pre_layrnorm_ = register_module("pre_layrnorm", norm());
  register_module("encoder", encoder_);
  post_layernorm_ = register_module("post_layernorm", norm());
}

ClipVision::Output ClipVision::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  CheckPixels(pixels);
  const at::Tensor embedded = pre_layrnorm_->Forward(Embed(pixels));
  const at::Tensor hidden = encoder_->Forward(embedded, /*skipped=*/0, cancel);
  return {hidden, post_layernorm_->Forward(hidden.select(1, 0))};
}

at::Tensor ClipVision::Embed(const at::Tensor& pixels) const {
  const at::Tensor patches = patch_embedding_->Forward(pixels);
  const at::Tensor first = class_embedding_.expand({pixels.size(0), 1, -1});
  return at::cat({first, patches}, 1) + position_embedding_->weight;
}

void ClipVision::CheckPixels(const at::Tensor& pixels) const {
  const ClipVisionOptions& o = options_;
  if (pixels.dim() == 4 && pixels.size(1) == o.num_channels && pixels.size(2) == o.image_size &&
      pixels.size(3) == o.image_size) {
    return;
  }
  const std::string side = std::to_string(o.image_size);
  throw Error(ErrorCode::kShape, "Expected images of " + std::to_string(o.num_channels) + " x " +
                                     side + " x " + side + " for the CLIP image encoder.");
}

}  // namespace deepcode
