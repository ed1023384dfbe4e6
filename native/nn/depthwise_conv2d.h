// A convolution of every channel with a square kernel of its own.
#pragma once

#include <torch/nn/module.h>

namespace deepcode {

struct DepthwiseConv2dOptions {
  int64_t channels;
  int64_t kernel;   // height and width
  int64_t stride;
  int64_t padding;  // zeros on each side
  bool bias;
};

class DepthwiseConv2d : public torch::nn::Module {
 public:
  explicit DepthwiseConv2d(const DepthwiseConv2dOptions& options);

  // x [N, channels, h, w] -> [N, channels, h', w']
  at::Tensor Forward(const at::Tensor& x) const;

  at::Tensor weight;  // [channels, 1, kernel, kernel]
  at::Tensor bias;    // [channels], undefined without bias

 private:
  const DepthwiseConv2dOptions options_;
};

}  // namespace deepcode
