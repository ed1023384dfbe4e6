#include "models/vision_encoder_decoder.h"

#include <ATen/ATen.h>

#include "io/key_map.h"
#include "io/key_map/hf_vit.h"
#include "models/vit_weights.h"
#include "nn/compute_dtype.h"
#include "nn/module_weights.h"

namespace deepcode {
namespace {

constexpr const char* kEncoder = "encoder.";
constexpr const char* kDecoder = "decoder.";
constexpr const char* kProjection = "enc_to_dec_proj.";

// All but the head, which a captioner's encoder lacks.
std::vector<std::string> NamesOf(const Vit& vit) {
  std::vector<std::string> names;
  for (const auto& item : vit.named_parameters()) {
    if (!item.key().starts_with("head.")) names.push_back(item.key());
  }
  return names;
}

void LoadEncoder(Vit& vit, const MappedWeights& weights, at::ScalarType dtype, at::Device device,
                 const CancelToken& cancel) {
  const MappedWeights view = HfVitView(weights, NamesOf(vit), kEncoder);
  LoadVitWeights(vit, view, {.skipped_modules = {"head"}}, cancel);
  for (at::Tensor& parameter : vit.parameters()) {
    parameter.set_requires_grad(false);
    parameter.set_data(ToCompute(parameter.detach(), device, dtype));
  }
  vit.Pack(/*batch=*/1);
}

void RequireParts(const MappedWeights& weights) {
  std::vector<std::string> others;
  for (const std::string& key : weights.Names()) {
    if (key.starts_with(kEncoder) || key.starts_with(kDecoder) || key.starts_with(kProjection)) {
      continue;
    }
    others.push_back(key);
  }
  RequireKeys({}, std::move(others), weights.file());
}

}  // namespace

VisionEncoderDecoder::VisionEncoderDecoder(const VitOptions& encoder, const Gpt2Options& decoder) {
  encoder_ = register_module("encoder", std::make_shared<Vit>(encoder));
  if (encoder.embed_dim != decoder.n_embd) {
    enc_to_dec_proj_ = register_module(
        "enc_to_dec_proj",
        std::make_shared<Linear>(encoder.embed_dim, decoder.n_embd, /*bias=*/true));
  }
  decoder_ = register_module("decoder", std::make_shared<Gpt2>(decoder));
}

at::Tensor VisionEncoderDecoder::Encode(const at::Tensor& pixels, const CancelToken& cancel) {
  const at::Tensor tokens = encoder_->ForwardTokens(pixels, cancel);
  return enc_to_dec_proj_ ? enc_to_dec_proj_->Forward(tokens) : tokens;
}

void VisionEncoderDecoder::LoadWeights(const MappedWeights& weights, at::ScalarType dtype,
                                       at::Device device, const CancelToken& cancel) {
  RequireParts(weights);
  LoadEncoder(*encoder_, weights, dtype, device, cancel);
  LoadGpt2(*decoder_, weights, kDecoder, dtype, device, cancel);
  if (!enc_to_dec_proj_) return;
  const ModuleWeightsOptions options{
      .prefix = kProjection, .key = nullptr, .ignored = {}, .dtype = dtype, .device = device};
  LoadModuleWeights(*enc_to_dec_proj_, weights, options, cancel);
}

}  // namespace deepcode
