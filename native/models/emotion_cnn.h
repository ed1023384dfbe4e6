// DeepFace's network of emotions: five convolutions and three dense layers on 48 x 48 grey pixels.
//
// Paper: Goodfellow et al. 2013, "Challenges in Representation Learning" (arXiv 1307.0414): the
// FER2013 data that it was trained on. Reference: github.com/serengil/deepface,
// models/demography/Emotion.py.
// Differences: no dropout, which is off when a face is read.
// Parameter names are those of the Keras layers, numbered from one, with PyTorch's endings.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "io/mapped_weights.h"
#include "nn/conv2d.h"
#include "nn/linear.h"
#include "runtime/cancel.h"

namespace deepcode {

struct EmotionCnnOptions {
  std::vector<int64_t> channels;  // of the five convolutions: 64, 64, 64, 128, 128
  std::vector<int64_t> hidden;    // of the two dense layers: 1024, 1024
};

// The sizes of the layers in a file that KerasLayerView names. Throws ERR_WEIGHTS_MISSING,
// ERR_WEIGHTS_SHAPE.
EmotionCnnOptions EmotionCnnOptionsOf(const MappedWeights& weights);

class EmotionCnn : public torch::nn::Module {
 public:
  static constexpr int64_t kImageSize = 48;
  static constexpr int64_t kClasses = 7;

  // Parameters are allocated, not initialised.
  explicit EmotionCnn(const EmotionCnnOptions& options);

  // pixels [N, 1, 48, 48], grey from 0 to 1 -> probabilities [N, 7]: angry, disgust, fear, happy,
  // sad, surprise, neutral. Throws Cancelled between layers.
  at::Tensor Forward(const at::Tensor& pixels, const CancelToken& cancel) const;

 private:
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
  std::vector<std::shared_ptr<Linear>> dense_;
};

}  // namespace deepcode
