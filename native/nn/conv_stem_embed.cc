#include "nn/conv_stem_embed.h"

#include <ATen/ATen.h>

#include <string>

#include "nn/init_layers.h"

namespace deepcode {
namespace {

constexpr double kNormEps = 1e-5;
constexpr double kNormMomentum = 0.1;

}  // namespace

ConvStemEmbed::ConvStemEmbed(int64_t in_channels, const std::vector<ConvStemLayer>& layers,
                             Activation activation)
    : activation_(activation) {
  const auto backbone = register_module("backbone", std::make_shared<torch::nn::Module>());
  for (size_t i = 0; i < layers.size(); ++i) {
    const ConvStemLayer& layer = layers[i];
    const bool is_last = i + 1 == layers.size();
    const Conv2dOptions options{in_channels, layer.channels, layer.kernel, layer.stride, layer.padding};
    const auto place =
        backbone->register_module(std::to_string(i), std::make_shared<torch::nn::Module>());
    const auto conv = place->register_module("conv", std::make_shared<Conv2d>(options, is_last));
    in_channels = layer.channels;
    if (is_last) {
      last_ = conv;
    } else {
      const BatchNorm2dOptions norm{layer.channels, kNormEps, kNormMomentum};
      convolutions_.emplace_back(
          conv, place->register_module("bn", std::make_shared<BatchNorm2d>(norm)));
    }
  }
}

at::Tensor ConvStemEmbed::Forward(const at::Tensor& image) const {
  at::Tensor x = image.contiguous(at::MemoryFormat::ChannelsLast);
  for (const ConvNorm& convolution : convolutions_) {
    x = activation_ == Activation::kRelu ? convolution.ForwardRelu(x)
                                         : Activate(convolution.Forward(x), activation_);
  }
  return last_->Forward(x).flatten(2).transpose(1, 2);
}

void ConvStemEmbed::InitWeights(const at::Generator& generator) {
  InitConvolutional(*this, generator);
}

void ConvStemEmbed::Fold() {
  for (ConvNorm& convolution : convolutions_) convolution.Fold();
}

void ConvStemEmbed::Prepare(FeatureSize size) {
  for (ConvNorm& convolution : convolutions_) size = convolution.Prepare(size);
  last_->Prepare(size);
}

}  // namespace deepcode
