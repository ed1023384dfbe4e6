#include "models/xception_block.h"

#include <ATen/ATen.h>

#include <string>

namespace deepcode {

std::shared_ptr<BatchNorm2d> XceptionNorm(int64_t channels) {
  const BatchNorm2dOptions norm{channels, /*eps=*/1e-5, /*momentum=*/0.1};
  return std::make_shared<BatchNorm2d>(norm);
}

XceptionBlock::XceptionBlock(const XceptionBlockOptions& options) : options_(options) {
  AddConvolutions();
  AddShortcut();
}

void XceptionBlock::AddConvolutions() {
  const XceptionBlockOptions& o = options_;
  const auto rep = register_module("rep", std::make_shared<torch::nn::Module>());
  int64_t name = o.start_with_relu ? 1 : 0;
  for (int64_t i = 0; i < o.convolutions; ++i, name += 3) {
    const int64_t in = o.grow_first && i > 0 ? o.out_channels : o.in_channels;
    const int64_t out = o.grow_first || i == o.convolutions - 1 ? o.out_channels : o.in_channels;
    const auto conv = rep->register_module(std::to_string(name),
                                           std::make_shared<SeparableConv2d>(in, out));
    const auto norm = rep->register_module(std::to_string(name + 1), XceptionNorm(out));
    convolutions_.emplace_back(*conv, norm);
  }
}

void XceptionBlock::AddShortcut() {
  const XceptionBlockOptions& o = options_;
  if (o.in_channels == o.out_channels && o.stride == 1) return;
  const Conv2dOptions conv{o.in_channels, o.out_channels, /*kernel=*/1, o.stride, /*padding=*/0};
  shortcut_ = {register_module("skip", std::make_shared<Conv2d>(conv, /*bias=*/false)),
               register_module("skipbn", XceptionNorm(o.out_channels))};
  has_shortcut_ = true;
}

at::Tensor XceptionBlock::Forward(const at::Tensor& x) const {
  const at::Tensor residual = has_shortcut_ ? shortcut_.Forward(x) : x;
  // The block's input is read again by the shortcut: it must not change in place.
  at::Tensor y = options_.start_with_relu ? x.relu() : x;
  for (size_t i = 0; i + 1 < convolutions_.size(); ++i) y = convolutions_[i].ForwardRelu(y);
  if (options_.stride == 1) return convolutions_.back().ForwardAdded(y, residual);
  y = convolutions_.back().Forward(y);
  return at::max_pool2d(y, /*kernel_size=*/3, options_.stride, /*padding=*/1).add_(residual);
}

void XceptionBlock::Fold() {
  if (has_shortcut_) shortcut_.Fold();
  for (SeparableConvNorm& convolution : convolutions_) convolution.Fold();
}

FeatureSize XceptionBlock::Prepare(FeatureSize size) {
  const FeatureSize reduced = has_shortcut_ ? shortcut_.Prepare(size) : size;
  for (SeparableConvNorm& convolution : convolutions_) size = convolution.Prepare(size);
  return reduced;
}

}  // namespace deepcode
