// The convolutional part of VGG-19, up to the deepest layer that is looked at.
//
// Paper: Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image
// Recognition", table 1, column E. Reference: torchvision, models/vgg.py (vgg19, without batch
// normalisation).
// Differences: layers behind the deepest one asked for are neither loaded nor computed; there is no
// classifier.
// Layers are called as in Gatys et al. 2016, "Image Style Transfer Using Convolutional Neural
// Networks": conv<block>_<number>, from conv1_1 to conv5_4. Parameter names equal torchvision's
// keys: features.0.weight is conv1_1, features.28.weight conv5_1.
#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/mapped_weights.h"
#include "nn/conv2d.h"
#include "runtime/cancel.h"

namespace deepcode {

struct Vgg19Options {
  std::vector<std::string> layers;  // at least one, in the network's order, each once
  bool after_relu;                  // what is looked at: rectified values, or those before
};

// How many channels a layer has. Throws ERR_CONFIG for a name that is none.
int64_t Vgg19Channels(const std::string& layer);

class Vgg19 : public torch::nn::Module {
 public:
  // Receives the features [N, channels, h, w] of options().layers[index], one layer after another.
  using Visit = std::function<void(size_t index, const at::Tensor& features)>;

  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit Vgg19(const Vgg19Options& options);

  // pixels [N, 3, H, W], normalised, in the weights' dtype; H and W large enough for the poolings
  // on the way, 16 for block 5. Throws ERR_SHAPE; Cancelled between layers.
  void Forward(const at::Tensor& pixels, const Visit& visit, const CancelToken& cancel);

  const Vgg19Options& options() const { return options_; }

 private:
  const Vgg19Options options_;
  std::vector<std::shared_ptr<Conv2d>> convs_;  // up to the deepest layer of options_
};

// Fills the model from a checkpoint with torchvision's keys; the classifier and layers that the
// model does not have are passed over. Throws ERR_WEIGHTS_* naming the keys; Cancelled.
void LoadVgg19(Vgg19& model, const MappedWeights& weights, at::ScalarType dtype, at::Device device,
               const CancelToken& cancel);

}  // namespace deepcode
