// PyTorch's default initialisation of convolutional networks.
#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

namespace deepcode {

// Every Conv2d, DepthwiseConv2d and Linear inside `module`, in the order of registration: see
// FanInUniform. Other layers stay as they are.
void InitConvolutional(const torch::nn::Module& module, const at::Generator& generator);

}  // namespace deepcode
