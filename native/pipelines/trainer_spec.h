// What describes a training run to the native side. There are no defaults: TypeScript fills every field.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "losses/bilevel_cvar.h"
#include "losses/single_center.h"
#include "models/vit_options.h"
#include "pipelines/vit_adapter.h"

namespace deepcode {

// The adapter with its saved modules, every parameter, or those of the head.
enum class Trainable { kAdapter, kAll, kHead };

enum class OptimizerName { kAdam, kAdamW, kSgd };

struct OptimizerSpec {
  OptimizerName name;
  double momentum;        // of SGD
  double weight_decay;    // of matrices; vectors, tokens and position embeddings never decay
  double clip_grad_norm;  // 0: no limit
  double sam_rho;         // of sharpness-aware minimisation; 0: none
};

struct LossSpec {
  std::array<double, 2> class_weights;  // factors of a sample's cross-entropy: real, fake
  double label_smoothing;               // 0 <= s < 1
  double scl_weight;                    // 0: cross-entropy only
  SingleCenterOptions scl;
  std::optional<BilevelCvarOptions> fairness;  // instead of the mean over samples
};

struct TrainerSpec {
  VitOptions vit;
  std::optional<std::string> weights;  // path of model.safetensors or its index; none: random
  bool new_head;                       // keep the head random, whatever the file holds
  std::optional<AdapterOptions> adapter;
  std::optional<std::string> adapter_weights;  // none: an adapter that changes nothing yet
  Trainable trainable;
  bool freeze_head;    // with kAll
  int64_t num_logits;  // the head's first logits that are used, at least 2
  double drop_path;    // stochastic depth of the last block, 0 <= p < 1
  double cut_mix;      // share of the batches whose images are mixed, 0 <= p <= 1
  bool flip_average;   // in evaluation scores are means over an image and its mirror image
  std::vector<double> mean;
  std::vector<double> std;
  LossSpec loss;
  OptimizerSpec optimizer;
  uint64_t seed;
  at::Device device;
  at::ScalarType autocast;  // kFloat: none; parameters and optimiser stay fp32
};

}  // namespace deepcode
