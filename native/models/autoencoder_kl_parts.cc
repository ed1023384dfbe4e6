#include "models/autoencoder_kl_parts.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

namespace deepcode {
namespace {

// Not part of any config: the value every published checkpoint was trained with.
constexpr double kNormEps = 1e-6;

std::shared_ptr<torch::nn::ModuleListImpl> NewList() {
  return std::make_shared<torch::nn::ModuleListImpl>();
}

std::shared_ptr<ResnetBlock> NewResnet(const AutoencoderKlOptions& o, int64_t in, int64_t out) {
  return std::make_shared<ResnetBlock>(ResnetBlockOptions{.in_channels = in,
                                                          .out_channels = out,
                                                          .embedding_dim = 0,
                                                          .time_scale_shift = false,
                                                          .norm_groups = o.norm_num_groups,
                                                          .norm_eps = kNormEps,
                                                          .activation = o.act_fn,
                                                          .output_scale_factor = 1.0});
}

std::shared_ptr<Conv2d> NewConv(int64_t in, int64_t out) {
  return std::make_shared<Conv2d>(Conv2dOptions{in, out, 3, 1, 1});
}

std::shared_ptr<GroupNorm> NewNorm(const AutoencoderKlOptions& o, int64_t channels) {
  return std::make_shared<GroupNorm>(o.norm_num_groups, channels, kNormEps);
}

}  // namespace

VaeStage::VaeStage(const AutoencoderKlOptions& o, int64_t count, int64_t in, int64_t out) {
  const auto list = register_module("resnets", NewList());
  for (int64_t i = 0; i < count; ++i) {
    resnets_.push_back(NewResnet(o, i == 0 ? in : out, out));
    list->push_back(resnets_.back());
  }
}

void VaeStage::AddDownsampler(int64_t channels) {
  downsampler_ = std::make_shared<Downsample2d>(channels, 0);
  register_module("downsamplers", NewList())->push_back(downsampler_);
}

void VaeStage::AddUpsampler(int64_t channels) {
  upsampler_ = std::make_shared<Upsample2d>(channels);
  register_module("upsamplers", NewList())->push_back(upsampler_);
}

at::Tensor VaeStage::Forward(const at::Tensor& x, const CancelToken& cancel) const {
  at::Tensor h = x;
  for (const auto& resnet : resnets_) {
    cancel.ThrowIfCancelled();
    h = resnet->Forward(h, {});
  }
  cancel.ThrowIfCancelled();
  if (downsampler_) return downsampler_->Forward(h);
  return upsampler_ ? upsampler_->Forward(h, 2 * h.size(2), 2 * h.size(3)) : h;
}

FeatureSize VaeStage::Prepare(FeatureSize size) {
  for (const auto& resnet : resnets_) resnet->Prepare(size);
  if (downsampler_) return downsampler_->Prepare(size);
  return upsampler_ ? upsampler_->Prepare(size) : size;
}

VaeMidBlock::VaeMidBlock(const AutoencoderKlOptions& o) {
  const int64_t channels = o.block_out_channels.back();
  if (o.mid_block_add_attention) {
    attention_ = std::make_shared<SpatialAttention>(channels, o.norm_num_groups, kNormEps);
    register_module("attentions", NewList())->push_back(attention_);
  }
  const auto list = register_module("resnets", NewList());
  for (int i = 0; i < 2; ++i) {
    resnets_.push_back(NewResnet(o, channels, channels));
    list->push_back(resnets_.back());
  }
}

at::Tensor VaeMidBlock::Forward(const at::Tensor& x, const CancelToken& cancel) const {
  cancel.ThrowIfCancelled();
  at::Tensor h = resnets_[0]->Forward(x, {});
  cancel.ThrowIfCancelled();
  if (attention_) h = attention_->Forward(h);
  cancel.ThrowIfCancelled();
  return resnets_[1]->Forward(h, {});
}

void VaeMidBlock::Prepare(FeatureSize size) {
  for (const auto& resnet : resnets_) resnet->Prepare(size);
  if (attention_) attention_->PrepareMap(size);
}

VaeEncoder::VaeEncoder(const AutoencoderKlOptions& o) {
  const std::vector<int64_t>& widths = o.block_out_channels;
  conv_in_ = register_module("conv_in", NewConv(o.in_channels, widths.front()));
  const auto list = register_module("down_blocks", NewList());
  int64_t in = widths.front();
  for (size_t level = 0; level < widths.size(); ++level) {
    down_blocks_.push_back(std::make_shared<VaeStage>(o, o.layers_per_block, in, widths[level]));
    if (level + 1 < widths.size()) down_blocks_.back()->AddDownsampler(widths[level]);
    list->push_back(down_blocks_.back());
    in = widths[level];
  }
  mid_block_ = register_module("mid_block", std::make_shared<VaeMidBlock>(o));
  conv_norm_out_ = register_module("conv_norm_out", NewNorm(o, widths.back()));
  conv_out_ = register_module("conv_out", NewConv(widths.back(), 2 * o.latent_channels));
}

at::Tensor VaeEncoder::Forward(const at::Tensor& pixels, const CancelToken& cancel) const {
  at::Tensor h = conv_in_->Forward(pixels);
  for (const auto& block : down_blocks_) h = block->Forward(h, cancel);
  h = mid_block_->Forward(h, cancel);
  return conv_out_->Forward(conv_norm_out_->ForwardActivated(h, Activation::kSilu));
}

void VaeEncoder::Prepare(FeatureSize size) {
  conv_in_->Prepare(size);
  for (const auto& block : down_blocks_) size = block->Prepare(size);
  mid_block_->Prepare(size);
  conv_out_->Prepare(size);
}

VaeDecoder::VaeDecoder(const AutoencoderKlOptions& o) {
  const std::vector<int64_t>& widths = o.block_out_channels;
  conv_in_ = register_module("conv_in", NewConv(o.latent_channels, widths.back()));
  mid_block_ = register_module("mid_block", std::make_shared<VaeMidBlock>(o));
  const auto list = register_module("up_blocks", NewList());
  int64_t in = widths.back();
  for (size_t i = widths.size(); i-- > 0;) {
    up_blocks_.push_back(std::make_shared<VaeStage>(o, o.layers_per_block + 1, in, widths[i]));
    if (i > 0) up_blocks_.back()->AddUpsampler(widths[i]);
    list->push_back(up_blocks_.back());
    in = widths[i];
  }
  conv_norm_out_ = register_module("conv_norm_out", NewNorm(o, widths.front()));
  conv_out_ = register_module("conv_out", NewConv(widths.front(), o.out_channels));
}

at::Tensor VaeDecoder::Forward(const at::Tensor& latents, const CancelToken& cancel) const {
  at::Tensor h = mid_block_->Forward(conv_in_->Forward(latents), cancel);
  for (const auto& block : up_blocks_) h = block->Forward(h, cancel);
  return conv_out_->Forward(conv_norm_out_->ForwardActivated(h, Activation::kSilu));
}

void VaeDecoder::Prepare(FeatureSize size) {
  conv_in_->Prepare(size);
  mid_block_->Prepare(size);
  for (const auto& block : up_blocks_) size = block->Prepare(size);
  conv_out_->Prepare(size);
}

}  // namespace deepcode
