// BlazeFace, the back camera model: scores, boxes and six points of faces for fixed anchors.
//
// Paper: Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs"
// (arXiv 1907.05047), sections 3.1 to 3.3. Reference: the PyTorch port
// github.com/hollance/BlazeFace-PyTorch, whose keys the parameter names equal, and MediaPipe.
// Differences: a block at stride 2 pads its input below and to the right only, as TensorFlow does,
// in every block, which is what the weights were trained with.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "io/mapped_weights.h"
#include "nn/conv2d.h"
#include "nn/depthwise_conv2d.h"
#include "runtime/cancel.h"

namespace deepcode {

struct BlazeFaceOptions {
  int64_t narrow;  // channels of the first 15 blocks, at 128 x 128 and 64 x 64; published: 24
  int64_t middle;  // of the next 8, at 32 x 32; 48
  int64_t wide;    // of the last 8, at 16 x 16; 96
};

// Depthwise 3x3, then 1x1, plus the input; ReLU. At stride 2 the input is pooled, and where there
// are more channels afterwards, it gets zeros for them.
class BlazeBlock : public torch::nn::Module {
 public:
  BlazeBlock(int64_t in_channels, int64_t out_channels, int64_t stride, bool shortcut);

  at::Tensor Forward(const at::Tensor& x) const;  // [N, in, h, w] -> [N, out, h/stride, w/stride]

  // Lays weights out for inputs of about `size`; returns that of the output.
  FeatureSize Prepare(FeatureSize size);

 private:
  at::Tensor Shortcut(const at::Tensor& x) const;

  const int64_t added_channels_;
  const int64_t stride_;
  const bool shortcut_;
  std::shared_ptr<DepthwiseConv2d> depthwise_;
  std::shared_ptr<Conv2d> pointwise_;
};

class BlazeFace : public torch::nn::Module {
 public:
  static constexpr int64_t kImageSize = 256;  // pixels
  static constexpr int64_t kAnchors = 896;    // 16 x 16 x 2, then 8 x 8 x 6
  static constexpr int64_t kValues = 16;      // of an anchor: x, y, width, height, six points

  struct Output {        // fp32, CPU
    at::Tensor scores;   // [N, 896], logits
    at::Tensor values;   // [N, 896, 16], pixels relative to the anchor's centre
  };

  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit BlazeFace(const BlazeFaceOptions& options);

  // pixels [N, 3, 256, 256], RGB, -1 to 1. Throws ERR_SHAPE, ERR_NONFINITE, Cancelled.
  Output Forward(const at::Tensor& pixels, const CancelToken& cancel) const;

  // Lays weights out for inference on `batch` images; from then on they must not change.
  void Prepare(int64_t batch);

 private:
  void AddBlocks(const BlazeFaceOptions& options);

  std::shared_ptr<Conv2d> stem_;
  std::vector<std::shared_ptr<BlazeBlock>> blocks_;
  std::shared_ptr<BlazeBlock> final_;
  std::shared_ptr<Conv2d> classifier_8_;
  std::shared_ptr<Conv2d> classifier_16_;
  std::shared_ptr<Conv2d> regressor_8_;
  std::shared_ptr<Conv2d> regressor_16_;
};

}  // namespace deepcode
