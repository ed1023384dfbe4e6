// LoRA files merged into the networks of Stable Diffusion.
//
// Paper: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models", equation 3;
// convolutions as in LyCORIS and PEFT. Reference: diffusers, loaders/lora_pipeline.py with
// fuse_lora.
// Difference: the files' deltas are added to the weights in fp32, file by file, and nothing of the
// file stays in memory.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "runtime/cancel.h"

namespace deepcode {

struct LoraFile {
  std::string path;
  double scale;  // finite; what the file's own alpha / rank is multiplied by
};

struct LoraNetworks {
  torch::nn::Module& unet;          // names as in diffusers
  torch::nn::Module& text_encoder;  // a ClipText
};

// W + scale * alpha / rank * B A for every layer of every file, in their order; alpha is the rank
// where a file says none. Weights may be views of a file: changed ones are copies. Call it after
// loading and before weights are packed or reordered.
// Returns how many layers were changed, a layer once per file. Throws ERR_WEIGHTS_UNEXPECTED naming
// the keys that no layer takes, ERR_WEIGHTS_MISSING where a pair is not complete,
// ERR_WEIGHTS_SHAPE, ERR_WEIGHTS_NONFINITE; Cancelled. No weight is changed by a file that is
// refused.
int64_t MergeLoras(const std::vector<LoraFile>& files, const LoraNetworks& networks,
                   const CancelToken& cancel);

}  // namespace deepcode
