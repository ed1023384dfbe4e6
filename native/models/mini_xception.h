// mini-Xception: the expression of a face.
//
// Paper: Arriaga, Valdenegro-Toro, Ploeger 2017, "Real-time Convolutional Neural Networks for
// Emotion and Gender Classification" (arXiv 1710.07557), section 3. Reference:
// github.com/oarriaga/face_classification; the graph, as published for TensorFlow.js, is written
// out in ts/attributes/mini-xception.ts.
// Differences: two residual blocks instead of four, and batch norm folded into the convolution
// before it, both as in that graph.
// Parameter names equal the Keras layers' names.
#pragma once

#include <memory>
#include <vector>

#include "models/attribute_network.h"
#include "nn/conv2d.h"
#include "nn/depthwise_conv2d.h"

namespace deepcode {

struct MiniXceptionOptions {
  std::vector<int64_t> channels;  // of the two convolutions and the two blocks: 32, 64, 128, 256
};

class MiniXception : public AttributeNetwork {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit MiniXception(const MiniXceptionOptions& options);

  int64_t image_size() const override { return 64; }
  int64_t image_channels() const override { return 1; }
  double pixel_mean() const override { return 0.5; }
  double pixel_std() const override { return 0.5; }

  // "emotion" [N, 7]: angry, disgust, fear, happy, sad, surprise, neutral.
  Attributes Forward(const at::Tensor& pixels, const CancelToken& cancel) override;
  void Prepare(int64_t batch) override;

 private:
  struct Separable {
    std::shared_ptr<DepthwiseConv2d> depthwise;
    std::shared_ptr<Conv2d> pointwise;
    at::Tensor Forward(const at::Tensor& x) const;
  };
  struct Block {
    std::shared_ptr<Conv2d> shortcut;
    Separable first;
    Separable second;
  };

  std::shared_ptr<Conv2d> AddConv(int number, const Conv2dOptions& options);
  Separable AddSeparable(int number, int64_t in, int64_t out);

  std::shared_ptr<Conv2d> stem_;
  std::shared_ptr<Conv2d> second_;
  std::vector<Block> blocks_;
  std::shared_ptr<Conv2d> classifier_;
};

}  // namespace deepcode
