#include "nn/init_layers.h"

#include <ATen/ATen.h>

#include "nn/conv2d.h"
#include "nn/depthwise_conv2d.h"
#include "nn/init.h"
#include "nn/linear.h"

namespace deepcode {
namespace {

template <class Layer>
void InitLayer(const torch::nn::Module& module, const at::Generator& generator) {
  const auto* layer = module.as<Layer>();
  if (layer == nullptr) return;
  const int64_t fan_in = layer->weight.numel() / layer->weight.size(0);
  FanInUniform(layer->weight, fan_in, generator);
  if (layer->bias.defined()) FanInUniform(layer->bias, fan_in, generator);
}

}  // namespace

void InitConvolutional(const torch::nn::Module& module, const at::Generator& generator) {
  for (const auto& item : module.named_modules("", /*include_self=*/false)) {
    InitLayer<Conv2d>(*item.value(), generator);
    InitLayer<DepthwiseConv2d>(*item.value(), generator);
    InitLayer<Linear>(*item.value(), generator);
  }
}

}  // namespace deepcode
