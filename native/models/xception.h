// Xception, for ImageNet's classes or as an encoder.
//
// Paper: Chollet 2017, "Xception: Deep Learning with Depthwise Separable Convolutions", figure 5.
// References: Cadene's pretrained-models.pytorch and timm 1.0, xception.py (legacy_xception);
// DeepfakeBench and Lin et al. 2024 for adjust_channel.
// Differences: a width multiplier; convolutions and norms folded together for inference.
// Parameter and buffer names equal timm's: conv1.weight, bn1.running_mean,
// block1.rep.0.conv1.weight, block1.skip.weight, conv3.pointwise.weight, fc.weight;
// adjust_channel.0.weight and adjust_channel.1.* as DeepfakeBench's. Names of other files are
// changed in io/key_map/xception_names.h.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "models/xception_block.h"
#include "models/xception_options.h"
#include "nn/linear.h"
#include "runtime/cancel.h"

namespace deepcode {

struct XceptionOutput {
  at::Tensor features;  // [N, channels]: the mean of the last maps
  at::Tensor logits;    // [N, num_classes]
};

class Xception : public torch::nn::Module {
 public:
  // Parameters are allocated; norms are the identity and everything else is not initialised. Throws
  // ERR_CONFIG.
  explicit Xception(const XceptionOptions& options);

  // PyTorch's default for convolutions and the classifier.
  void InitWeights(const at::Generator& generator);

  // pixels [N, in_channels, H, W], normalised -> the last maps after their ReLU,
  // [N, channels, side(H), side(W)]: see XceptionFeatures and XceptionFeatureSide. Throws
  // ERR_SHAPE; Cancelled between blocks.
  at::Tensor Features(const at::Tensor& pixels, const CancelToken& cancel) const;

  // The classifier on maps that Features gave.
  XceptionOutput Classify(const at::Tensor& maps) const;

  // Folds norms, as they are in evaluation mode, into convolutions. For inference, and before the
  // weights are rounded to another dtype.
  void Fold();

  // After Fold: lays weights out for batches of the size of `pixels`; they must not be read any
  // more.
  void Prepare(FeatureSize pixels);

  const XceptionOptions& options() const { return options_; }

 private:
  ConvNorm AddConv(int number, const Conv2dOptions& options);
  SeparableConvNorm AddSeparable(int number, int64_t in, int64_t out);
  void AddBlocks();
  void AddHead();
  void CheckPixels(const at::Tensor& pixels) const;
  int64_t Scaled(int64_t channels) const { return ScaledChannels(channels, options_.width); }

  const XceptionOptions options_;
  ConvNorm stem1_;
  ConvNorm stem2_;
  std::vector<std::shared_ptr<XceptionBlock>> blocks_;
  SeparableConvNorm exit1_;
  SeparableConvNorm exit2_;
  ConvNorm adjust_;
  std::shared_ptr<Linear> fc_;  // null without classes
};

}  // namespace deepcode
