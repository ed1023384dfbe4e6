#include "models/mtcnn.h"

#include <ATen/ATen.h>

namespace deepcode {
namespace {

std::shared_ptr<Conv2d> Convolution(int64_t in, int64_t out, int64_t kernel) {
  return std::make_shared<Conv2d>(Conv2dOptions{in, out, kernel, /*stride=*/1, /*padding=*/0});
}

// Windows at the edges may be cut off: the size is rounded up.
at::Tensor Pool(const at::Tensor& x, int64_t kernel) {
  return at::max_pool2d(x, kernel, /*stride=*/2, /*padding=*/0, /*dilation=*/1, /*ceil_mode=*/true);
}

std::vector<MtcnnStage> StagesOf(MtcnnRefinement::Kind kind) {
  if (kind == MtcnnRefinement::Kind::kRefine) return {{28, 3, 3}, {48, 3, 3}, {64, 2, 0}};
  return {{32, 3, 3}, {64, 3, 3}, {64, 3, 2}, {128, 2, 0}};
}

}  // namespace

PRelu::PRelu(int64_t channels) {
  weight = register_parameter("weight", at::empty({channels}));
}

at::Tensor PRelu::Forward(const at::Tensor& x) const { return at::prelu(x, weight); }

MtcnnProposal::MtcnnProposal() {
  int64_t in = 3;
  for (const int64_t out : {10, 16, 32}) {
    const std::string number = std::to_string(convolutions_.size() + 1);
    convolutions_.push_back(register_module("conv" + number, Convolution(in, out, 3)));
    activations_.push_back(register_module("prelu" + number, std::make_shared<PRelu>(out)));
    in = out;
  }
  scores_ = register_module("conv4_1", Convolution(in, 2, 1));
  offsets_ = register_module("conv4_2", Convolution(in, 4, 1));
}

MtcnnOutput MtcnnProposal::Forward(const at::Tensor& pixels) const {
  at::Tensor x = pixels;
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    x = activations_[i]->Forward(convolutions_[i]->Forward(x));
    if (i == 0) x = Pool(x, 2);
  }
  return {scores_->Forward(x).softmax(1).select(1, 1), offsets_->Forward(x), {}};
}

MtcnnRefinement::MtcnnRefinement(Kind kind)
    : window_(kind == Kind::kRefine ? 24 : 48), stages_(StagesOf(kind)) {
  int64_t in = 3;
  for (const MtcnnStage& stage : stages_) {
    const std::string number = std::to_string(convolutions_.size() + 1);
    convolutions_.push_back(
        register_module("conv" + number, Convolution(in, stage.channels, stage.kernel)));
    activations_.push_back(
        register_module("prelu" + number, std::make_shared<PRelu>(stage.channels)));
    in = stage.channels;
  }
  const int64_t hidden = kind == Kind::kRefine ? 128 : 256;
  const std::string dense = std::to_string(stages_.size() + 1);
  const std::string heads = "dense" + std::to_string(stages_.size() + 2) + "_";
  dense_ = AddDense("dense" + dense, in * 3 * 3, hidden);
  dense_activation_ = register_module("prelu" + dense, std::make_shared<PRelu>(hidden));
  scores_ = AddDense(heads + "1", hidden, 2);
  offsets_ = AddDense(heads + "2", hidden, 4);
  if (kind == Kind::kOutput) points_ = AddDense(heads + "3", hidden, 10);
}

std::shared_ptr<Linear> MtcnnRefinement::AddDense(const std::string& name, int64_t in,
                                                  int64_t out) {
  return register_module(name, std::make_shared<Linear>(in, out, /*bias=*/true));
}

MtcnnOutput MtcnnRefinement::Forward(const at::Tensor& pixels) const {
  at::Tensor x = pixels;
  for (size_t i = 0; i < stages_.size(); ++i) {
    x = activations_[i]->Forward(convolutions_[i]->Forward(x));
    if (stages_[i].pool > 0) x = Pool(x, stages_[i].pool);
  }
  x = x.permute({0, 3, 2, 1}).reshape({pixels.size(0), -1});  // [N, w * h * C]
  x = dense_activation_->Forward(dense_->Forward(x));
  const at::Tensor points = points_ ? points_->Forward(x) : at::Tensor();
  return {scores_->Forward(x).softmax(1).select(1, 1), offsets_->Forward(x), points};
}

}  // namespace deepcode
