#include "nn/conv2d.h"

#include <ATen/ATen.h>

namespace deepcode {

Conv2d::Conv2d(const Conv2dOptions& options) : options_(options) {
  const Conv2dOptions& o = options_;
  weight = register_parameter("weight", at::empty({o.out_channels, o.in_channels, o.kernel, o.kernel}));
  bias = register_parameter("bias", at::empty({o.out_channels}));
}

at::Tensor Conv2d::Forward(const at::Tensor& x) const {
  if (packed_) return packed_->Apply(x);
  return at::conv2d(x, weight, bias, options_.stride, options_.padding);
}

at::Tensor Conv2d::ForwardAdded(const at::Tensor& x, const at::Tensor& other) const {
  return packed_ ? packed_->ApplyAdded(x, other) : Forward(x).add_(other);
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
