#include "nn/depthwise_conv2d.h"

#include <ATen/ATen.h>

namespace deepcode {

DepthwiseConv2d::DepthwiseConv2d(const DepthwiseConv2dOptions& options) : options_(options) {
  const DepthwiseConv2dOptions& o = options_;
  weight = register_parameter("weight", at::empty({o.channels, 1, o.kernel, o.kernel}));
  if (o.bias) bias = register_parameter("bias", at::empty({o.channels}));
}

at::Tensor DepthwiseConv2d::Forward(const at::Tensor& x) const {
  return at::conv2d(x, weight, bias, options_.stride, options_.padding, /*dilation=*/1,
                    /*groups=*/options_.channels);
}

}  // namespace deepcode
