#include "nn/resnet_block.h"

#include <ATen/ATen.h>

namespace deepcode {

ResnetBlock::ResnetBlock(const ResnetBlockOptions& options) : options_(options) {
  const ResnetBlockOptions& o = options_;
  const auto norm = [&](const char* name, int64_t channels) {
    return register_module(name, std::make_shared<GroupNorm>(o.norm_groups, channels, o.norm_eps));
  };
  const auto conv = [&](const char* name, int64_t in, int64_t kernel) {
    return register_module(
        name, std::make_shared<Conv2d>(Conv2dOptions{in, o.out_channels, kernel, 1, kernel / 2}));
  };
  norm1_ = norm("norm1", o.in_channels);
  conv1_ = conv("conv1", o.in_channels, 3);
  if (o.embedding_dim > 0) {
    const int64_t width = o.time_scale_shift ? 2 * o.out_channels : o.out_channels;
    time_emb_proj_ =
        register_module("time_emb_proj", std::make_shared<Linear>(o.embedding_dim, width, true));
  }
  norm2_ = norm("norm2", o.out_channels);
  conv2_ = conv("conv2", o.out_channels, 3);
  if (o.in_channels != o.out_channels) conv_shortcut_ = conv("conv_shortcut", o.in_channels, 1);
}

at::Tensor ResnetBlock::Forward(const at::Tensor& x, const at::Tensor& embedding) {
  const at::Tensor h = conv1_->Forward(norm1_->ForwardActivated(x, options_.activation));
  const at::Tensor shortcut = conv_shortcut_ ? conv_shortcut_->Forward(x) : x;
  const at::Tensor sum = conv2_->ForwardAdded(Middle(h, embedding), shortcut);
  return options_.output_scale_factor == 1.0 ? sum : sum / options_.output_scale_factor;
}

at::Tensor ResnetBlock::Middle(at::Tensor h, const at::Tensor& embedding) const {
  if (!time_emb_proj_) return norm2_->ForwardActivated(h, options_.activation);
  const at::Tensor time = time_emb_proj_->Forward(embedding).unsqueeze(-1).unsqueeze(-1);
  if (!options_.time_scale_shift) return norm2_->ForwardActivated(h.add_(time), options_.activation);
  const std::vector<at::Tensor> parts = time.chunk(2, 1);
  return Activate(norm2_->Forward(h) * (1 + parts[0]) + parts[1], options_.activation);
}

void ResnetBlock::Prepare(FeatureSize size) {
  conv1_->Prepare(size);
  conv2_->Prepare(size);
  if (conv_shortcut_) conv_shortcut_->Prepare(size);
}

}  // namespace deepcode
