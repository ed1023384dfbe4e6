#include "models/clip_text.h"

#include <ATen/ATen.h>

#include <string>

#include "io/key_map/clip_names.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// In the configs of CLIP's first conversion; the tokenizer's real id is the highest of the
// vocabulary.
constexpr int64_t kLegacyEosTokenId = 2;

}  // namespace

ClipText::ClipText(const ClipTextOptions& options) : options_(options) {
  const ClipTextOptions& o = options_;
  if (o.vocab_size < 1 || o.max_position_embeddings < 1) {
    throw Error(ErrorCode::kConfig,
                "The CLIP configuration needs at least 1 token and 1 position.");
  }
  encoder_ = std::make_shared<ClipEncoder>(o.encoder, /*causal=*/true);
  const int64_t dim = o.encoder.hidden_size;
  const auto embeddings = register_module("embeddings", std::make_shared<torch::nn::Module>());
  token_embedding_ = embeddings->register_module("token_embedding",
                                                 std::make_shared<Embedding>(o.vocab_size, dim));
  position_embedding_ = embeddings->register_module(
      "position_embedding", std::make_shared<Embedding>(o.max_position_embeddings, dim));
  register_module("encoder", encoder_);
  final_layer_norm_ = register_module("final_layer_norm",
                                      std::make_shared<LayerNorm>(dim, o.encoder.layer_norm_eps));
}

ClipText::Output ClipText::Forward(const at::Tensor& ids, int64_t skipped_layers,
                                   const CancelToken& cancel) {
  CheckIds(ids, skipped_layers);
  const at::Tensor positions = position_embedding_->weight.slice(0, 0, ids.size(1));  // [L, D]
  const at::Tensor embedded = token_embedding_->Forward(ids) + positions;             // [N, L, D]
  const at::Tensor hidden = encoder_->Forward(embedded, skipped_layers, cancel);
  const at::Tensor last_hidden = final_layer_norm_->Forward(hidden);
  const at::Tensor rows = at::arange(ids.size(0), ids.options());
  return {last_hidden, last_hidden.index({rows, PooledPositions(ids)})};
}

at::Tensor ClipText::PooledPositions(const at::Tensor& ids) const {
  const int64_t eos = options_.eos_token_id;
  return eos == kLegacyEosTokenId ? ids.argmax(1) : (ids == eos).to(at::kInt).argmax(1);
}

void ClipText::CheckIds(const at::Tensor& ids, int64_t skipped_layers) const {
  const ClipTextOptions& o = options_;
  const auto refuse = [](const std::string& expected) {
    throw Error(ErrorCode::kShape, "Expected " + expected + " for the CLIP text encoder.");
  };
  const int64_t longest = o.max_position_embeddings;
  if (ids.dim() != 2 || ids.size(0) < 1 || ids.size(1) < 1 || ids.size(1) > longest) {
    refuse("rows of 1 to " + std::to_string(longest) + " token ids");
  }
  if (ids.min().item<int64_t>() < 0 || ids.max().item<int64_t>() >= o.vocab_size) {
    refuse("token ids from 0 to " + std::to_string(o.vocab_size - 1));
  }
  if (skipped_layers < 0 || skipped_layers >= o.encoder.num_hidden_layers) {
    refuse("0 to " + std::to_string(o.encoder.num_hidden_layers - 1) + " skipped layers");
  }
}

void LoadClipText(ClipText& model, const MappedWeights& weights, at::ScalarType dtype,
                  at::Device device, const CancelToken& cancel) {
  const ModuleWeightsOptions options{
      .prefix = "",
      .key = nullptr,
      .ignored = {"embeddings.position_ids", "text_projection.weight"},
      .dtype = dtype,
      .device = device};
  LoadModuleWeights(model, TextEncoderView(weights), options, cancel);
}

}  // namespace deepcode
