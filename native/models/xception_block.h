// A residual block of Xception: separable convolutions with batch norm, each after a ReLU, beside a
// shortcut, which is a strided 1 x 1 convolution where the size or the number of channels changes.
// Module names as Cadene's and timm's Block: rep.<i> for separable convolutions and norms, counted
// with the ReLUs between them, skip and skipbn.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/conv_norm.h"
#include "nn/separable_conv2d.h"

namespace deepcode {

// The norm that every layer of an Xception has: eps 1e-5, momentum 0.1.
std::shared_ptr<BatchNorm2d> XceptionNorm(int64_t channels);

struct XceptionBlockOptions {
  int64_t in_channels;
  int64_t out_channels;
  int64_t convolutions;
  int64_t stride;        // 1, or 2: a max pooling at the end
  bool start_with_relu;  // false in the first block, whose input is positive
  bool grow_first;       // the first convolution changes the channels, not the last
};

class XceptionBlock : public torch::nn::Module {
 public:
  explicit XceptionBlock(const XceptionBlockOptions& options);

  // x [N, in, h, w] -> [N, out, ceil(h / stride), ceil(w / stride)]
  at::Tensor Forward(const at::Tensor& x) const;

  // Both as in Xception. Prepare returns the output's size.
  void Fold();
  FeatureSize Prepare(FeatureSize size);

 private:
  void AddConvolutions();
  void AddShortcut();

  const XceptionBlockOptions options_;
  std::vector<SeparableConvNorm> convolutions_;
  ConvNorm shortcut_;
  bool has_shortcut_ = false;
};

}  // namespace deepcode
