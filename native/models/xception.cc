#include "models/xception.h"

#include <ATen/ATen.h>

#include "nn/init_layers.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kMiddleBlocks = 8;

}  // namespace

Xception::Xception(const XceptionOptions& options) : options_(options) {
  CheckXceptionOptions(options);
  const int64_t c1 = Scaled(32), c2 = Scaled(64);
  stem1_ = AddConv(1, {options.in_channels, c1, /*kernel=*/3, /*stride=*/2, /*padding=*/0});
  stem2_ = AddConv(2, {c1, c2, /*kernel=*/3, /*stride=*/1, /*padding=*/0});
  AddBlocks();
  AddHead();
}

ConvNorm Xception::AddConv(int number, const Conv2dOptions& options) {
  const std::string digit = std::to_string(number);
  return {register_module("conv" + digit, std::make_shared<Conv2d>(options, /*bias=*/false)),
          register_module("bn" + digit, XceptionNorm(options.out_channels))};
}

SeparableConvNorm Xception::AddSeparable(int number, int64_t in, int64_t out) {
  const std::string digit = std::to_string(number);
  const auto conv = register_module("conv" + digit, std::make_shared<SeparableConv2d>(in, out));
  return {*conv, register_module("bn" + digit, XceptionNorm(out))};
}

void Xception::AddBlocks() {
  const int64_t c2 = Scaled(64), c3 = Scaled(128), c4 = Scaled(256), c5 = Scaled(728);
  const auto add = [&](const XceptionBlockOptions& options) {
    const std::string name = "block" + std::to_string(blocks_.size() + 1);
    blocks_.push_back(register_module(name, std::make_shared<XceptionBlock>(options)));
  };
  add({c2, c3, 2, /*stride=*/2, /*start_with_relu=*/false, /*grow_first=*/true});
  add({c3, c4, 2, /*stride=*/2, /*start_with_relu=*/true, /*grow_first=*/true});
  add({c4, c5, 2, /*stride=*/2, /*start_with_relu=*/true, /*grow_first=*/true});
  for (int64_t i = 0; i < kMiddleBlocks; ++i) {
    add({c5, c5, 3, /*stride=*/1, /*start_with_relu=*/true, /*grow_first=*/true});
  }
  add({c5, Scaled(1024), 2, /*stride=*/2, /*start_with_relu=*/true, /*grow_first=*/false});
}

void Xception::AddHead() {
  exit1_ = AddSeparable(3, Scaled(1024), Scaled(1536));
  exit2_ = AddSeparable(4, Scaled(1536), Scaled(2048));
  if (options_.adjust_channels > 0) {
    const Conv2dOptions conv{Scaled(2048), options_.adjust_channels, /*kernel=*/1, /*stride=*/1,
                             /*padding=*/0};
    const auto adjust = register_module("adjust_channel", std::make_shared<torch::nn::Module>());
    adjust_ = {adjust->register_module("0", std::make_shared<Conv2d>(conv)),
               adjust->register_module("1", XceptionNorm(options_.adjust_channels))};
  }
  if (options_.num_classes == 0) return;
  fc_ = register_module("fc", std::make_shared<Linear>(XceptionFeatures(options_),
                                                       options_.num_classes, /*bias=*/true));
}

void Xception::InitWeights(const at::Generator& generator) { InitConvolutional(*this, generator); }

at::Tensor Xception::Features(const at::Tensor& pixels, const CancelToken& cancel) const {
  CheckPixels(pixels);
  at::Tensor x = stem2_.ForwardRelu(stem1_.ForwardRelu(pixels));
  for (const auto& block : blocks_) {
    cancel.ThrowIfCancelled();
    x = block->Forward(x);
  }
  x = exit1_.ForwardRelu(x);
  // adjust_channel reads the last norm as it is; a classifier reads its ReLU.
  if (options_.adjust_channels == 0) return exit2_.ForwardRelu(x);
  return adjust_.ForwardRelu(exit2_.Forward(x));
}

XceptionOutput Xception::Classify(const at::Tensor& maps) const {
  const at::Tensor features = maps.mean({2, 3});
  return {features, fc_->Forward(features)};
}

void Xception::Fold() {
  for (ConvNorm* layer : {&stem1_, &stem2_}) layer->Fold();
  for (const auto& block : blocks_) block->Fold();
  for (SeparableConvNorm* layer : {&exit1_, &exit2_}) layer->Fold();
  if (options_.adjust_channels > 0) adjust_.Fold();
}

void Xception::Prepare(FeatureSize size) {
  size = stem2_.Prepare(stem1_.Prepare(size));
  for (const auto& block : blocks_) size = block->Prepare(size);
  size = exit2_.Prepare(exit1_.Prepare(size));
  if (options_.adjust_channels > 0) adjust_.Prepare(size);
}

void Xception::CheckPixels(const at::Tensor& pixels) const {
  if (pixels.dim() == 4 && pixels.size(1) == options_.in_channels &&
      XceptionFeatureSide(pixels.size(2)) > 0 && XceptionFeatureSide(pixels.size(3)) > 0) {
    return;
  }
  throw Error(ErrorCode::kShape, "Expected images of " + std::to_string(options_.in_channels) +
                                     " channels and at least 8 pixels a side for the Xception.");
}

}  // namespace deepcode
