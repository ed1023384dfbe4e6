#include "models/gpt2.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

#include "models/gpt2_block.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

void CheckOptions(const Gpt2Options& o) {
  if (o.vocab_size >= 1 && o.n_positions >= 1 && o.n_layer >= 1 && o.n_head >= 1 &&
      o.n_embd >= 1 && o.n_embd % o.n_head == 0 && o.n_inner >= 1 && o.layer_norm_epsilon > 0) {
    return;
  }
  throw Error(ErrorCode::kConfig,
              "The GPT-2 configuration needs positive sizes, and heads that divide n_embd.");
}

}  // namespace

void Gpt2Cache::Reorder(const at::Tensor& order) {
  for (Gpt2LayerCache& layer : layers) {
    layer.keys = layer.keys.index_select(0, order);
    layer.values = layer.values.index_select(0, order);
  }
}

Gpt2::Gpt2(const Gpt2Options& options) : options_(options) {
  const Gpt2Options& o = options_;
  CheckOptions(o);
  const auto transformer = register_module("transformer", std::make_shared<torch::nn::Module>());
  wte_ = transformer->register_module("wte", std::make_shared<Embedding>(o.vocab_size, o.n_embd));
  wpe_ = transformer->register_module("wpe", std::make_shared<Embedding>(o.n_positions, o.n_embd));
  const auto h = transformer->register_module("h", std::make_shared<torch::nn::ModuleListImpl>());
  for (int64_t i = 0; i < o.n_layer; ++i) {
    h_.push_back(std::make_shared<Gpt2Block>(o));
    h->push_back(h_.back());
  }
  ln_f_ = transformer->register_module(
      "ln_f", std::make_shared<LayerNorm>(o.n_embd, o.layer_norm_epsilon));
}

Gpt2Cache Gpt2::Start(const at::Tensor& context) const {
  Gpt2Cache cache{.layers = {}, .tokens = 0};
  for (const auto& block : h_) cache.layers.push_back(block->Start(context));
  return cache;
}

at::Tensor Gpt2::Next(const at::Tensor& ids, Gpt2Cache* cache, const CancelToken& cancel) const {
  if (cache->tokens >= options_.n_positions) {
    throw Error(ErrorCode::kShape, "A text is longer than the " +
                                       std::to_string(options_.n_positions) +
                                       " tokens that GPT-2 has positions for.");
  }
  const at::Tensor position = wpe_->weight.narrow(0, cache->tokens, 1);  // [1, n_embd]
  at::Tensor x = (wte_->Forward(ids) + position).unsqueeze(1);           // [B, 1, n_embd]
  for (size_t i = 0; i < h_.size(); ++i) {
    cancel.ThrowIfCancelled();
    x = h_[i]->Forward(x, &cache->layers[i]);
  }
  ++cache->tokens;
  const at::Tensor last = ln_f_->Forward(x).squeeze(1);
  return output_ ? output_->Apply(last) : at::linear(last, wte_->weight);
}

void Gpt2::Pack(int64_t rows) {
  for (const auto& block : h_) block->Pack(rows);
  output_ = PackedLinear::Pack(wte_->weight, at::Tensor(), rows);
}

void LoadGpt2(Gpt2& model, const MappedWeights& weights, const std::string& prefix,
              at::ScalarType dtype, at::Device device, const CancelToken& cancel) {
  ModuleWeightsOptions options{.prefix = prefix,
                               .key = nullptr,
                               .ignored = {prefix + "lm_head."},
                               .dtype = dtype,
                               .device = device};
  // Causal masks, which older versions of transformers stored.
  for (int64_t i = 0; i < model.options().n_layer; ++i) {
    const std::string block = prefix + "transformer.h." + std::to_string(i) + ".";
    for (const char* mask : {"attn.bias", "attn.masked_bias", "crossattention.bias",
                             "crossattention.masked_bias"}) {
      options.ignored.push_back(block + mask);
    }
  }
  LoadModuleWeights(model, weights, options, cancel);
}

}  // namespace deepcode
