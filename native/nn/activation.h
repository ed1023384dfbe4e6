// Activation functions by the names that timm's `act_layer` uses.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace deepcode {

enum class Activation { kGelu, kGeluTanh, kQuickGelu, kRelu, kSilu };

// "gelu", "gelu_tanh", "quick_gelu", "relu" or "silu". Throws ERR_CONFIG for anything else.
Activation ParseActivation(const std::string& name);

// Applies the activation element by element; any shape, any floating dtype.
at::Tensor Activate(const at::Tensor& x, Activation activation);

}  // namespace deepcode
