// MTCNN's three networks: one that proposes faces everywhere, one that refines, one that decides
// and finds five points.
//
// Paper: Zhang et al. 2016, "Joint Face Detection and Alignment using Multi-task Cascaded
// Convolutional Networks" (arXiv 1604.02878), section II and figure 2. Reference: facenet-pytorch,
// models/mtcnn.py, whose keys the parameter names equal.
// Differences: none in the networks. Before a dense layer, features are ordered column by column,
// as the Caffe weights were trained.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "nn/conv2d.h"
#include "nn/linear.h"

namespace deepcode {

// max(x, 0) + weight * min(x, 0), a weight a channel.
class PRelu : public torch::nn::Module {
 public:
  explicit PRelu(int64_t channels);
  at::Tensor Forward(const at::Tensor& x) const;

  at::Tensor weight;  // [channels]
};

// What all three say of a window.
struct MtcnnOutput {
  at::Tensor scores;   // [N, ...]: probability of a face
  at::Tensor offsets;  // [N, 4, ...]: of left, top, right and bottom, in widths and heights
  at::Tensor points;   // [N, 10] (five x, then five y, in widths and heights) or undefined
};

// Windows of 12 pixels, 2 pixels apart.
class MtcnnProposal : public torch::nn::Module {
 public:
  static constexpr int64_t kWindow = 12;
  static constexpr int64_t kStride = 2;

  MtcnnProposal();
  // pixels [1, 3, h, w] with h, w >= 12, -1 to 1. scores [1, h', w'], offsets [1, 4, h', w'].
  MtcnnOutput Forward(const at::Tensor& pixels) const;

 private:
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
  std::vector<std::shared_ptr<PRelu>> activations_;
  std::shared_ptr<Conv2d> scores_;
  std::shared_ptr<Conv2d> offsets_;
};

// A layer that is a convolution, its activation and, where `pool` is not 0, a maximum over
// pool x pool pixels in steps of 2.
struct MtcnnStage {
  int64_t channels;
  int64_t kernel;
  int64_t pool;
};

// The second (24 x 24 pixels) and the third network (48 x 48, with points).
class MtcnnRefinement : public torch::nn::Module {
 public:
  enum class Kind { kRefine, kOutput };

  explicit MtcnnRefinement(Kind kind);
  // pixels [N, 3, window, window], -1 to 1. scores [N], offsets [N, 4], points of kOutput.
  MtcnnOutput Forward(const at::Tensor& pixels) const;

  int64_t window() const { return window_; }

 private:
  std::shared_ptr<Linear> AddDense(const std::string& name, int64_t in, int64_t out);

  const int64_t window_;
  const std::vector<MtcnnStage> stages_;
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
  std::vector<std::shared_ptr<PRelu>> activations_;
  std::shared_ptr<Linear> dense_;
  std::shared_ptr<PRelu> dense_activation_;
  std::shared_ptr<Linear> scores_;
  std::shared_ptr<Linear> offsets_;
  std::shared_ptr<Linear> points_;  // null without points
};

}  // namespace deepcode
