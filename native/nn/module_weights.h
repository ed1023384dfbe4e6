// Fills any module from a checkpoint whose keys are the names of its parameters and buffers.
#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <string>
#include <vector>

#include "io/mapped_weights.h"
#include "runtime/cancel.h"

namespace deepcode {

struct ModuleWeightsOptions {
  // Only keys of the file that begin with this are looked at: "" or, for example, "text_model.".
  std::string prefix;
  // From a module's name ("mid_block.resnets.0.conv1.weight") to the key that follows the prefix.
  // Null: they are the same.
  std::function<std::string(const std::string&)> key;
  // Keys of the file, prefix included, that need no place; one that ends in '.' stands for all that
  // begin with it.
  std::vector<std::string> ignored;
  at::ScalarType dtype;  // what values are rounded to; see ComputeDtype
  at::Device device;
};

// Afterwards no parameter requires a gradient, and one of fp32 on a CPU may be a view of the file,
// which must not be written to. A linear layer also takes the weight of a convolution that covers
// its whole input, and a 1 x 1 convolution that of a linear layer. Throws ERR_WEIGHTS_MISSING,
// _UNEXPECTED, _SHAPE or _NONFINITE naming the keys; Cancelled.
void LoadModuleWeights(torch::nn::Module& module, const MappedWeights& weights,
                       const ModuleWeightsOptions& options, const CancelToken& cancel);

}  // namespace deepcode
