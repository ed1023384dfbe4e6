#include "models/fair_head.h"

#include <ATen/ATen.h>

#include <string>

#include "nn/dropout.h"

namespace deepcode {

FairBlock::FairBlock(int64_t in_channels, int64_t out_channels) {
  const auto stack = register_module("conv2d", std::make_shared<torch::nn::Module>());
  for (int64_t i = 0; i < 3; ++i) {
    const Conv2dOptions conv{i == 0 ? in_channels : out_channels, out_channels, /*kernel=*/1,
                             /*stride=*/1, /*padding=*/0};
    layers_.push_back(
        stack->register_module(std::to_string(2 * i), std::make_shared<Conv2d>(conv)));
  }
}

at::Tensor FairBlock::Forward(const at::Tensor& x) const {
  at::Tensor y = layers_[0]->Forward(x);
  for (size_t i = 1; i < layers_.size(); ++i) y = layers_[i]->Forward(at::leaky_relu_(y));
  return y;
}

FeatureSize FairBlock::Prepare(FeatureSize size) {
  for (const auto& layer : layers_) layer->Prepare(size);
  return size;
}

FairHead::FairHead(const FairHeadOptions& options) : options_(options) {
  const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  hidden_ = mlp->register_module(
      "0", std::make_shared<Linear>(options.channels, options.hidden, /*bias=*/true));
  output_ = mlp->register_module(
      "2", std::make_shared<Linear>(options.hidden, options.classes, /*bias=*/true));
}

FairHeadOutput FairHead::Forward(const at::Tensor& maps) const {
  const at::Tensor features = maps.mean({2, 3});
  const at::Tensor logits = output_->Forward(at::leaky_relu(hidden_->Forward(features)));
  return {features, Dropout(logits, is_training() ? options_.dropout : 0.0, generator_)};
}

}  // namespace deepcode
