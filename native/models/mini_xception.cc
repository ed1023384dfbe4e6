#include "models/mini_xception.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kClasses = 7;

void CheckOptions(const MiniXceptionOptions& o) {
  const bool positive =
      std::all_of(o.channels.begin(), o.channels.end(), [](int64_t size) { return size > 0; });
  if (o.channels.size() == 4 && positive) return;
  throw Error(ErrorCode::kConfig, "mini-Xception needs four numbers of channels.");
}

}  // namespace

MiniXception::MiniXception(const MiniXceptionOptions& options) {
  CheckOptions(options);
  const std::vector<int64_t>& c = options.channels;
  stem_ = AddConv(1, {image_channels(), c[0], /*kernel=*/3, /*stride=*/2, /*padding=*/0});
  second_ = AddConv(2, {c[0], c[1], /*kernel=*/3, /*stride=*/1, /*padding=*/0});
  for (int i = 0; i < 2; ++i) {
    const int64_t in = c[static_cast<size_t>(i) + 1];
    const int64_t out = c[static_cast<size_t>(i) + 2];
    blocks_.push_back({AddConv(3 + i, {in, out, /*kernel=*/1, /*stride=*/2, /*padding=*/0}),
                       AddSeparable(1 + 2 * i, in, out), AddSeparable(2 + 2 * i, out, out)});
  }
  classifier_ = AddConv(5, {c[3], kClasses, /*kernel=*/3, /*stride=*/1, /*padding=*/1});
}

std::shared_ptr<Conv2d> MiniXception::AddConv(int number, const Conv2dOptions& options) {
  return register_module("conv2d_" + std::to_string(number), std::make_shared<Conv2d>(options));
}

MiniXception::Separable MiniXception::AddSeparable(int number, int64_t in, int64_t out) {
  const auto layer = register_module("separable_conv2d_" + std::to_string(number),
                                     std::make_shared<torch::nn::Module>());
  const DepthwiseConv2dOptions depthwise{in, /*kernel=*/3, /*stride=*/1, /*padding=*/1,
                                         /*bias=*/false};
  const Conv2dOptions pointwise{in, out, /*kernel=*/1, /*stride=*/1, /*padding=*/0};
  return {layer->register_module("depthwise", std::make_shared<DepthwiseConv2d>(depthwise)),
          layer->register_module("pointwise", std::make_shared<Conv2d>(pointwise))};
}

at::Tensor MiniXception::Separable::Forward(const at::Tensor& x) const {
  return pointwise->Forward(depthwise->Forward(x));
}

Attributes MiniXception::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  at::Tensor x = second_->Forward(stem_->Forward(pixels).relu_()).relu_();
  for (const auto& [shortcut, first, second] : blocks_) {
    cancel.ThrowIfCancelled();
    const at::Tensor residual = shortcut->Forward(x);
    // The input of the first block is positive already.
    x = second.Forward(first.Forward(x.relu()).relu_());
    x = at::max_pool2d(x, 3, 2, /*padding=*/1).add_(residual);
  }
  return {{"emotion", classifier_->Forward(x).mean({2, 3}).softmax(1)}};
}

// The network is too small for packed copies to pay.
void MiniXception::Prepare(int64_t) {}

}  // namespace deepcode
