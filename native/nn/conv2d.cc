#include "nn/conv2d.h"

#include <ATen/ATen.h>

namespace deepcode {

Conv2d::Conv2d(const Conv2dOptions& options, bool with_bias) : options_(options) {
  const Conv2dOptions& o = options_;
  weight = register_parameter("weight", at::empty({o.out_channels, o.in_channels, o.kernel, o.kernel}));
  if (with_bias) bias = register_parameter("bias", at::empty({o.out_channels}));
}

at::Tensor Conv2d::Forward(const at::Tensor& x) const {
  if (packed_) return packed_->Apply(x);
  return at::conv2d(x, weight, bias, options_.stride, options_.padding);
}

at::Tensor Conv2d::ForwardRelu(const at::Tensor& x) const {
  return packed_ ? packed_->ApplyRelu(x) : Forward(x).relu_();
}

at::Tensor Conv2d::ForwardAdded(const at::Tensor& x, const at::Tensor& other) const {
  return packed_ ? packed_->ApplyAdded(x, other) : Forward(x).add_(other);
}

void Conv2d::ScaleAndShift(const at::Tensor& scale, const at::Tensor& shift) {
  at::NoGradGuard no_grad;
  weight.set_data(weight * scale.view({-1, 1, 1, 1}));
  if (bias.defined()) {
    bias.set_data(bias * scale + shift);
  } else {
    bias = register_parameter("bias", shift, /*requires_grad=*/false);
  }
}

void Conv2d::Prepare(FeatureSize size) {
  packed_ = PackedConv2d::Pack(weight, bias, options_.stride, options_.padding, size);
  if (packed_) {
    weight.set_data(at::empty({0}, weight.options()));
  } else {
    weight.set_data(weight.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

FeatureSize Conv2d::OutputSize(FeatureSize size) const {
  const auto reduced = [&](int64_t side) {
    return (side + 2 * options_.padding - options_.kernel) / options_.stride + 1;
  };
  return {size.batch, reduced(size.height), reduced(size.width)};
}

}  // namespace deepcode
