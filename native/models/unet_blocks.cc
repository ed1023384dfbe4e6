#include "models/unet_blocks.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

namespace deepcode {
namespace {

std::shared_ptr<torch::nn::ModuleListImpl> NewList() {
  return std::make_shared<torch::nn::ModuleListImpl>();
}

}  // namespace

UnetStage::UnetStage(const std::vector<ResnetBlockOptions>& resnets,
                     const Transformer2dOptions& transformer, size_t transformers) {
  if (transformers > 0) {
    const auto list = register_module("attentions", NewList());
    for (size_t i = 0; i < transformers; ++i) {
      attentions_.push_back(std::make_shared<Transformer2d>(transformer));
      list->push_back(attentions_.back());
    }
  }
  const auto list = register_module("resnets", NewList());
  for (const ResnetBlockOptions& options : resnets) {
    resnets_.push_back(std::make_shared<ResnetBlock>(options));
    list->push_back(resnets_.back());
  }
}

at::Tensor UnetStage::Layer(size_t i, const at::Tensor& x, const UnetContext& context) const {
  context.cancel.ThrowIfCancelled();
  const at::Tensor h = resnets_[i]->Forward(x, context.embedding);
  if (i >= attentions_.size()) return h;
  context.cancel.ThrowIfCancelled();
  return attentions_[i]->Forward(h, context.text);
}

void UnetStage::PrepareLayers(FeatureSize size, int64_t text_rows) {
  for (const auto& resnet : resnets_) resnet->Prepare(size);
  for (const auto& attention : attentions_) attention->Prepare(size, text_rows);
}

void UnetDownBlock::AddDownsampler(int64_t channels, int64_t padding) {
  downsampler_ = std::make_shared<Downsample2d>(channels, padding);
  register_module("downsamplers", NewList())->push_back(downsampler_);
}

at::Tensor UnetDownBlock::Forward(const at::Tensor& x, const UnetContext& context,
                                  std::vector<at::Tensor>* skips) const {
  at::Tensor h = x;
  for (size_t i = 0; i < layers(); ++i) {
    h = Layer(i, h, context);
    skips->push_back(h);
  }
  if (!downsampler_) return h;
  skips->push_back(downsampler_->Forward(h));
  return skips->back();
}

FeatureSize UnetDownBlock::Prepare(FeatureSize size, int64_t text_rows) {
  PrepareLayers(size, text_rows);
  return downsampler_ ? downsampler_->Prepare(size) : size;
}

at::Tensor UnetMidBlock::Forward(const at::Tensor& x, const UnetContext& context) const {
  at::Tensor h = x;
  for (size_t i = 0; i < layers(); ++i) h = Layer(i, h, context);
  return h;
}

void UnetUpBlock::AddUpsampler(int64_t channels) {
  upsampler_ = std::make_shared<Upsample2d>(channels);
  register_module("upsamplers", NewList())->push_back(upsampler_);
}

at::Tensor UnetUpBlock::Forward(const at::Tensor& x, const UnetContext& context,
                                std::vector<at::Tensor>* skips) const {
  at::Tensor h = x;
  for (size_t i = 0; i < layers(); ++i) {
    h = Layer(i, at::cat({h, skips->back()}, 1), context);
    skips->pop_back();
  }
  if (!upsampler_) return h;
  return upsampler_->Forward(h, skips->back().size(2), skips->back().size(3));
}

FeatureSize UnetUpBlock::Prepare(FeatureSize size, int64_t text_rows) {
  PrepareLayers(size, text_rows);
  return upsampler_ ? upsampler_->Prepare(size) : size;
}

}  // namespace deepcode
