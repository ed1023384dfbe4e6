#include "models/vision_encoder_decoder.h"

#include <ATen/ATen.h>

#include <sstream>

#include "io/key_map.h"
#include "io/key_map/hf_vit.h"
#include "io/printable.h"
#include "models/vit_weights.h"
#include "nn/compute_dtype.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr const char* kEncoder = "encoder.";
constexpr const char* kDecoder = "decoder.";
constexpr const char* kProjection = "enc_to_dec_proj.";
constexpr int64_t kUsualBeams = 4;

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

void CheckCaptionerSizes(const MappedWeights& weights, const VitOptions& encoder,
                         const Gpt2Options& decoder) {
  const auto check = [&](const std::string& key, const std::vector<int64_t>& shape) {
    if (weights.Info(key).shape == shape) return;
    std::ostringstream message;
    message << "Expected " << at::IntArrayRef(shape) << " for " << Printable(key)
            << " but received " << at::IntArrayRef(weights.Info(key).shape) << " in "
            << Printable(weights.file(), 64) << ". Check the model's config.json.";
    throw Error(ErrorCode::kWeightsShape, message.str());
  };
  const auto vit = [](const std::string& name) { return HfVitNames(name, kEncoder)->front(); };
  const int64_t width = decoder.n_embd, dim = encoder.embed_dim;
  const std::string transformer = std::string(kDecoder) + "transformer.";
  check(transformer + "wte.weight", {decoder.vocab_size, width});
  check(transformer + "wpe.weight", {decoder.n_positions, width});
  for (int64_t i = 0; i < decoder.n_layer; ++i) {
    check(transformer + "h." + std::to_string(i) + ".mlp.c_fc.weight", {width, decoder.n_inner});
  }
  check(vit("patch_embed.proj.weight"),
        {dim, encoder.in_channels, encoder.patch_height, encoder.patch_width});
  const auto hidden = static_cast<int64_t>(static_cast<double>(dim) * encoder.mlp_ratio);
  for (int64_t i = 0; i < encoder.depth; ++i) {
    check(vit("blocks." + std::to_string(i) + ".mlp.fc1.weight"), {hidden, dim});
  }
}

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

int64_t VisionEncoderDecoder::LoadWeights(const MappedWeights& weights, at::ScalarType dtype,
                                          at::Device device, const CancelToken& cancel) {
  RequireParts(weights);
  LoadEncoder(*encoder_, weights, dtype, device, cancel);
  LoadGpt2(*decoder_, weights, kDecoder, dtype, device, cancel);
  if (enc_to_dec_proj_) {
    const ModuleWeightsOptions options{
        .prefix = kProjection, .key = nullptr, .ignored = {}, .dtype = dtype, .device = device};
    LoadModuleWeights(*enc_to_dec_proj_, weights, options, cancel);
  }
  int64_t bytes = 0;
  for (const at::Tensor& parameter : parameters()) {
    bytes += static_cast<int64_t>(parameter.nbytes());
  }
  // What is packed now has no plain weights any more.
  encoder_->Pack(/*batch=*/1);
  decoder_->Pack(kUsualBeams);
  return bytes;
}

}  // namespace deepcode
