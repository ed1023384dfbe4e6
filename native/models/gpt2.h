// GPT-2 with cross-attention, one token at a time with a cache of keys and values.
//
// Paper: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners";
// cross-attention as in Vaswani et al. 2017, section 3.2.3. Reference: transformers 5, modeling_gpt2.py
// (GPT2LMHeadModel with add_cross_attention).
// Differences: there is no forward over many tokens, so no causal mask; the weight of the output is
// that of the token embedding (tied), and a copy of it in the file is passed over.
// Parameter names equal transformers' keys: transformer.wte.weight,
// transformer.h.0.attn.c_attn.weight, ...
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/mapped_weights.h"
#include "nn/activation.h"
#include "nn/embedding.h"
#include "nn/layer_norm.h"
#include "nn/packed_linear.h"
#include "nn/transposed_linear.h"
#include "runtime/cancel.h"

namespace deepcode {

struct Gpt2Options {
  int64_t vocab_size;
  int64_t n_positions;  // the longest sequence
  int64_t n_embd;       // a multiple of n_head
  int64_t n_layer;
  int64_t n_head;
  int64_t n_inner;  // width of the perceptron
  double layer_norm_epsilon;
  Activation activation;
};

// Keys and values of one layer: [B, heads, tokens, head_dim]. The context's are those of one
// sequence, which all B share.
struct Gpt2LayerCache {
  at::Tensor keys;
  at::Tensor values;
  at::Tensor context_keys;    // [1, heads, M, head_dim]
  at::Tensor context_values;
};

struct Gpt2Cache {
  std::vector<Gpt2LayerCache> layers;
  int64_t tokens;  // how many each sequence has so far

  // Sequence i becomes what sequence order[i] is: order [B'] int64. Needs tokens > 0.
  void Reorder(const at::Tensor& order);
};

class Gpt2Block;

class Gpt2 : public torch::nn::Module {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit Gpt2(const Gpt2Options& options);

  // A cache without tokens for a context [1, M, n_embd].
  Gpt2Cache Start(const at::Tensor& context) const;

  // Appends a token to each of B sequences. ids [B] int64 -> logits of the token after it
  // [B, vocab_size]. Throws ERR_SHAPE beyond n_positions; Cancelled between layers.
  at::Tensor Next(const at::Tensor& ids, Gpt2Cache* cache, const CancelToken& cancel) const;

  // Lays weights out for inference on `rows` sequences; from then on they must not change.
  void Pack(int64_t rows);

  const Gpt2Options& options() const { return options_; }

 private:
  const Gpt2Options options_;
  std::shared_ptr<Embedding> wte_;
  std::shared_ptr<Embedding> wpe_;
  std::vector<std::shared_ptr<Gpt2Block>> h_;
  std::shared_ptr<LayerNorm> ln_f_;
  std::optional<PackedLinear> output_;  // the weight of wte_, packed
};

// Fills the model from a checkpoint whose keys are transformers' behind `prefix` ("decoder.").
// Throws ERR_WEIGHTS_* naming the keys; Cancelled.
void LoadGpt2(Gpt2& model, const MappedWeights& weights, const std::string& prefix,
              at::ScalarType dtype, at::Device device, const CancelToken& cancel);

}  // namespace deepcode
