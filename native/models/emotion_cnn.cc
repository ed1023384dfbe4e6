#include "models/emotion_cnn.h"

#include <ATen/ATen.h>

#include <string>

#include "io/key_map/keras_layers.h"

namespace deepcode {
namespace {

constexpr int kConvolutions = 5;
constexpr int kHidden = 2;

std::string ConvName(int number) { return "conv2d_" + std::to_string(number); }
std::string DenseName(int number) { return "dense_" + std::to_string(number); }

int64_t KernelOf(int number) { return number == 1 ? 5 : 3; }

}  // namespace

EmotionCnnOptions EmotionCnnOptionsOf(const MappedWeights& weights) {
  EmotionCnnOptions options;
  int64_t in = 1;
  for (int i = 1; i <= kConvolutions; ++i) {
    in = KerasLayerOutputs(weights, ConvName(i), {in, KernelOf(i), KernelOf(i)});
    options.channels.push_back(in);
  }
  for (int i = 1; i <= kHidden; ++i) {
    in = KerasLayerOutputs(weights, DenseName(i), {in});
    options.hidden.push_back(in);
  }
  return options;
}

EmotionCnn::EmotionCnn(const EmotionCnnOptions& options) {
  int64_t in = 1;
  for (int i = 1; i <= kConvolutions; ++i) {
    const int64_t out = options.channels[static_cast<size_t>(i) - 1];
    const Conv2dOptions conv{in, out, KernelOf(i), /*stride=*/1, /*padding=*/0};
    convolutions_.push_back(register_module(ConvName(i), std::make_shared<Conv2d>(conv)));
    in = out;
  }
  for (int i = 1; i <= kHidden + 1; ++i) {
    const int64_t out = i <= kHidden ? options.hidden[static_cast<size_t>(i) - 1] : kClasses;
    const auto linear = std::make_shared<Linear>(in, out, /*bias=*/true);
    dense_.push_back(register_module(DenseName(i), linear));
    in = out;
  }
}

at::Tensor EmotionCnn::Forward(const at::Tensor& pixels, const CancelToken& cancel) const {
  const auto conv = [&](size_t i, const at::Tensor& x) {
    cancel.ThrowIfCancelled();
    return convolutions_[i]->Forward(x).relu_();
  };
  at::Tensor x = at::max_pool2d(conv(0, pixels), 5, 2);   // 44 x 44 -> 20 x 20
  x = at::avg_pool2d(conv(2, conv(1, x)), 3, 2);          // 16 x 16 ->  7 x  7
  x = at::avg_pool2d(conv(4, conv(3, x)), 3, 2);          //  3 x  3 ->  1 x  1
  x = x.flatten(1);                                       // [N, channels]
  for (size_t i = 0; i < kHidden; ++i) x = dense_[i]->Forward(x).relu_();
  return dense_[kHidden]->Forward(x).softmax(1);
}

}  // namespace deepcode
