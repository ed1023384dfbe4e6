// VGG-Face with a head for one attribute: DeepFace's networks of age, gender and race.
//
// Paper: Parkhi, Vedaldi and Zisserman 2015, "Deep Face Recognition", table 3 (network D of VGG,
// with convolutions in the place of fully connected layers); the heads are those of Serengil and Ozpinar
// 2021, "HyperExtended LightFace". Reference: github.com/serengil/deepface,
// models/facial_recognition/VGGFace.py and models/demography/.
// Differences: convolutions and head are two modules, since the published networks share the
// convolutions; the head's convolutions cover their whole input and are linear layers; no dropout,
// which is off when a face is read.
// Parameter names are those of the Keras layers, numbered from one, with PyTorch's endings.
#pragma once

#include <torch/nn/module.h>

#include <array>
#include <memory>
#include <vector>

#include "io/mapped_weights.h"
#include "nn/conv2d.h"
#include "nn/linear.h"
#include "runtime/cancel.h"

namespace deepcode {

struct VggFaceOptions {
  std::vector<int64_t> channels;  // of the 13 convolutions: 64, 64, 128, 128, 256, ..., 512
  std::vector<int64_t> hidden;    // of the head's two layers: 4096, 4096
  int64_t classes;                // 101, 2 or 6
};

// The sizes of the layers in a file that KerasLayerView names; classes as given. Throws
// ERR_WEIGHTS_MISSING, ERR_WEIGHTS_SHAPE.
VggFaceOptions VggFaceOptionsOf(const MappedWeights& weights, int64_t classes);

class VggFaceTrunk : public torch::nn::Module {
 public:
  static constexpr int64_t kImageSize = 224;
  static constexpr int64_t kFeatureSize = 7;  // after five poolings

  // Parameters are allocated, not initialised.
  explicit VggFaceTrunk(const VggFaceOptions& options);

  // pixels [N, 3, 224, 224], BGR from 0 to 1 -> [N, channels, 7, 7]. Throws Cancelled between
  // layers.
  at::Tensor Forward(const at::Tensor& pixels, const CancelToken& cancel) const;

  // Lays weights out for inference on `batch` pictures; from then on they must not change.
  void Prepare(int64_t batch);

 private:
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
};

class VggFaceHead : public torch::nn::Module {
 public:
  explicit VggFaceHead(const VggFaceOptions& options);

  // features [N, channels, 7, 7] -> probabilities [N, classes]
  at::Tensor Forward(const at::Tensor& features) const;

 private:
  std::array<std::shared_ptr<Linear>, 3> layers_;
};

// The names of the parameters of VggFaceTrunk.
std::vector<std::string> VggFaceTrunkNames();

}  // namespace deepcode
