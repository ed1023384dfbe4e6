// The weights of Stable Diffusion's UNet and text encoder after LoRA files were merged into them,
// without the networks themselves.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "pipelines/diffusion_lora.h"
#include "runtime/cancel.h"

namespace deepcode {

struct MergedWeightsSpec {
  std::string unet;          // path of its weights, with diffusers' keys
  std::string text_encoder;  // path of its weights, with transformers' keys
  std::vector<LoraFile> loras;
};

struct MergedWeights {
  std::map<std::string, at::Tensor> unet;          // by the file's keys, fp32, CPU
  std::map<std::string, at::Tensor> text_encoder;  // by the module's names, fp32, CPU
  int64_t changed_layers;
};

// Throws as MergeLoras, and ERR_IO, ERR_WEIGHTS_FORMAT for the networks' files.
MergedWeights MergeIntoWeights(const MergedWeightsSpec& spec, const CancelToken& cancel);

}  // namespace deepcode
