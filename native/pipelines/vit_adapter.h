// LoRA adapters of a Vit in PEFT's terms: which layers carry one, which modules are saved whole, and
// the tensors of an adapter_model.safetensors.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/mapped_weights.h"
#include "models/vit.h"
#include "runtime/cancel.h"

namespace deepcode {

struct AdapterLayer {
  std::string name;  // "blocks.0.attn.qkv"
  int64_t rank;      // >= 1
  double scale;      // alpha / rank, or alpha / sqrt(rank)
};

struct AdapterOptions {
  std::vector<AdapterLayer> layers;
  double dropout;                             // 0 <= p < 1
  std::vector<std::string> modules_to_save;  // "head": every parameter below it is part of the adapter
};

// Adds an adapter that changes nothing yet to each layer. Throws ERR_CONFIG for a layer or a module
// that the network does not have.
void AttachAdapter(Vit& vit, const AdapterOptions& options, const at::Generator& generator);

// Fills the attached adapter from a PEFT checkpoint. Throws ERR_WEIGHTS_* naming the keys; Cancelled.
void LoadAdapter(Vit& vit, const AdapterOptions& options, const MappedWeights& weights,
                 const CancelToken& cancel);

// The adapter's parameters by their names in the network, and by PEFT's names in a file.
struct AdapterTensor {
  std::string parameter;  // "blocks.0.attn.qkv.lora_A.weight"
  std::string peft_name;  // "base_model.model.blocks.0.attn.qkv.lora_A.weight"
  at::Tensor tensor;
};
std::vector<AdapterTensor> AdapterTensors(const Vit& vit, const AdapterOptions& options);

// Folds every adapter into its layer; costs nothing at inference from then on.
void MergeAdapters(Vit& vit);

}  // namespace deepcode
