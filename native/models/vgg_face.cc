#include "models/vgg_face.h"

#include <ATen/ATen.h>

#include <string>

#include "io/key_map/keras_layers.h"

namespace deepcode {
namespace {

// Convolutions of each block; a pooling follows.
constexpr std::array<int, 5> kBlocks = {2, 2, 3, 3, 3};
constexpr int kConvolutions = 13;
constexpr std::array<const char*, 3> kHeadNames = {"conv2d_14", "conv2d_15", "predictions"};

std::string ConvName(int number) { return "conv2d_" + std::to_string(number); }

}  // namespace

VggFaceOptions VggFaceOptionsOf(const MappedWeights& weights, int64_t classes) {
  VggFaceOptions options{.channels = {}, .hidden = {}, .classes = classes};
  int64_t in = 3;
  for (int i = 1; i <= kConvolutions; ++i) {
    in = KerasLayerOutputs(weights, ConvName(i), {in, 3, 3});
    options.channels.push_back(in);
  }
  int64_t side = VggFaceTrunk::kFeatureSize;
  for (int i = 0; i < 2; ++i, side = 1) {
    in = KerasLayerOutputs(weights, kHeadNames[i], {in, side, side});
    options.hidden.push_back(in);
  }
  return options;
}

std::vector<std::string> VggFaceTrunkNames() {
  std::vector<std::string> names;
  for (int i = 1; i <= kConvolutions; ++i) {
    names.push_back(ConvName(i) + ".weight");
    names.push_back(ConvName(i) + ".bias");
  }
  return names;
}

VggFaceTrunk::VggFaceTrunk(const VggFaceOptions& options) {
  int64_t in = 3;
  for (int i = 1; i <= kConvolutions; ++i) {
    const int64_t out = options.channels[static_cast<size_t>(i) - 1];
    const Conv2dOptions conv{in, out, /*kernel=*/3, /*stride=*/1, /*padding=*/1};
    convolutions_.push_back(register_module(ConvName(i), std::make_shared<Conv2d>(conv)));
    in = out;
  }
}

at::Tensor VggFaceTrunk::Forward(const at::Tensor& pixels, const CancelToken& cancel) const {
  at::Tensor x = pixels;
  auto convolution = convolutions_.begin();
  for (const int count : kBlocks) {
    for (int i = 0; i < count; ++i, ++convolution) {
      cancel.ThrowIfCancelled();
      x = (*convolution)->Forward(x).relu_();
    }
    x = at::max_pool2d(x, 2, 2);
  }
  return x;
}

void VggFaceTrunk::Prepare(int64_t batch) {
  FeatureSize size{batch, kImageSize, kImageSize};
  auto convolution = convolutions_.begin();
  for (const int count : kBlocks) {
    for (int i = 0; i < count; ++i, ++convolution) (*convolution)->Prepare(size);
    size = {batch, size.height / 2, size.width / 2};
  }
}

VggFaceHead::VggFaceHead(const VggFaceOptions& options) {
  constexpr int64_t kCells = VggFaceTrunk::kFeatureSize * VggFaceTrunk::kFeatureSize;
  const std::array<int64_t, 4> sizes = {options.channels.back() * kCells, options.hidden[0],
                                        options.hidden[1], options.classes};
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto linear = std::make_shared<Linear>(sizes[i], sizes[i + 1], /*bias=*/true);
    layers_[i] = register_module(kHeadNames[i], linear);
  }
}

at::Tensor VggFaceHead::Forward(const at::Tensor& features) const {
  at::Tensor x = features.contiguous().flatten(1);  // in the order of [in, h, w], as the weight
  x = layers_[0]->Forward(x).relu_();
  x = layers_[1]->Forward(x).relu_();
  return layers_[2]->Forward(x).softmax(1);
}

}  // namespace deepcode
