// The two small parts of the disentangled detector: a stack of 1 x 1 convolutions that picks
// features out of an encoder's maps, and a classifier of their mean.
// Module names as in Fairness-Generalization's Conv2d1x1 and Head.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/conv2d.h"
#include "nn/linear.h"

namespace deepcode {

// Three 1 x 1 convolutions (conv2d.0, .2 and .4) with LeakyReLU 0.01 between them.
class FairBlock : public torch::nn::Module {
 public:
  FairBlock(int64_t in_channels, int64_t out_channels);

  // x [N, in, h, w] -> [N, out, h, w]
  at::Tensor Forward(const at::Tensor& x) const;

  FeatureSize Prepare(FeatureSize size);

 private:
  std::vector<std::shared_ptr<Conv2d>> layers_;
};

struct FairHeadOptions {
  int64_t channels;
  int64_t hidden;
  int64_t classes;
  double dropout;  // of the logits: that is where the reference has it
};

struct FairHeadOutput {
  at::Tensor features;  // [N, channels]: the maps' mean over positions
  at::Tensor logits;    // [N, classes]
};

// mlp.2(LeakyReLU(mlp.0(mean of the maps))).
class FairHead : public torch::nn::Module {
 public:
  explicit FairHead(const FairHeadOptions& options);

  // maps [N, channels, h, w]
  FairHeadOutput Forward(const at::Tensor& maps) const;

  void SetGenerator(const at::Generator& generator) { generator_ = generator; }

 private:
  const FairHeadOptions options_;
  std::shared_ptr<Linear> hidden_;
  std::shared_ptr<Linear> output_;
  at::Generator generator_;
};

}  // namespace deepcode
