#include "models/vgg19.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

struct Block {
  int64_t channels;
  int64_t convs;
};
constexpr std::array<Block, 5> kBlocks = {{{64, 2}, {128, 2}, {256, 4}, {512, 4}, {512, 4}}};

struct Layer {
  std::string name;  // "conv3_2"
  std::string key;   // torchvision's index: "12"
  int64_t in_channels;
  int64_t out_channels;
  bool first_of_block;  // a pooling comes before it, but for the first block
};

std::vector<Layer> AllLayers() {
  std::vector<Layer> layers;
  int64_t index = 0, channels = 3;
  for (size_t block = 0; block < kBlocks.size(); ++block) {
    for (int64_t i = 0; i < kBlocks[block].convs; ++i, index += 2) {
      layers.push_back({"conv" + std::to_string(block + 1) + "_" + std::to_string(i + 1),
                        std::to_string(index), channels, kBlocks[block].channels, i == 0});
      channels = kBlocks[block].channels;
    }
    ++index;  // the pooling
  }
  return layers;
}

size_t IndexOf(const std::string& name, const std::vector<Layer>& layers) {
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == name) return i;
  }
  throw Error(ErrorCode::kConfig,
              "Expected a layer from conv1_1 to conv5_4 but received '" + name + "'.");
}

// The number of convolutions that are needed.
size_t CheckLayers(const Vgg19Options& options, const std::vector<Layer>& layers) {
  size_t depth = 0;
  for (const std::string& name : options.layers) {
    const size_t index = IndexOf(name, layers);
    if (index < depth) {
      throw Error(ErrorCode::kConfig, "The layers of VGG-19 must be in its order, each once.");
    }
    depth = index + 1;
  }
  if (depth == 0) throw Error(ErrorCode::kConfig, "VGG-19 needs at least one layer to look at.");
  return depth;
}

}  // namespace

int64_t Vgg19Channels(const std::string& layer) {
  const std::vector<Layer> layers = AllLayers();
  return layers[IndexOf(layer, layers)].out_channels;
}

Vgg19::Vgg19(const Vgg19Options& options) : options_(options) {
  const std::vector<Layer> layers = AllLayers();
  const size_t depth = CheckLayers(options_, layers);
  const auto features = register_module("features", std::make_shared<torch::nn::Module>());
  for (size_t i = 0; i < depth; ++i) {
    const Conv2dOptions conv{.in_channels = layers[i].in_channels,
                             .out_channels = layers[i].out_channels,
                             .kernel = 3,
                             .stride = 1,
                             .padding = 1};
    convs_.push_back(features->register_module(layers[i].key, std::make_shared<Conv2d>(conv)));
  }
}

void Vgg19::Forward(const at::Tensor& pixels, const Visit& visit, const CancelToken& cancel) {
  if (pixels.dim() != 4 || pixels.size(1) != 3 || pixels.size(2) < 16 || pixels.size(3) < 16) {
    throw Error(ErrorCode::kShape, "Expected images of 3 x 16 x 16 or more for VGG-19.");
  }
  const std::vector<Layer> layers = AllLayers();
  at::Tensor x = pixels;
  size_t next = 0;  // of options_.layers
  for (size_t i = 0; i < convs_.size(); ++i) {
    cancel.ThrowIfCancelled();
    if (layers[i].first_of_block && i > 0) x = at::max_pool2d(x, {2, 2}, {2, 2});
    x = convs_[i]->Forward(x);
    const bool wanted = options_.layers[next] == layers[i].name;
    if (wanted && !options_.after_relu) visit(next, x);
    x = at::relu(x);
    if (wanted && options_.after_relu) visit(next, x);
    if (wanted) ++next;
  }
}

void LoadVgg19(Vgg19& model, const MappedWeights& weights, at::ScalarType dtype, at::Device device,
               const CancelToken& cancel) {
  const auto parameters = model.named_parameters();
  ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {"classifier."}, .dtype = dtype, .device = device};
  for (const Layer& layer : AllLayers()) {
    const std::string name = "features." + layer.key + ".";
    if (!parameters.contains(name + "weight")) options.ignored.push_back(name);
  }
  LoadModuleWeights(model, weights, options, cancel);
}

}  // namespace deepcode
