// The real-or-fake detector for inference: a network and its preprocessing.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/detector_network.h"
#include "pipelines/vit_network.h"
#include "pipelines/xception_network.h"
#include "runtime/cancel.h"

namespace deepcode {

using DetectorNetworkSpec = std::variant<VitNetworkSpec, XceptionNetworkSpec, FairDetectorOptions>;

struct DetectorSpec {
  DetectorNetworkSpec network;
  std::string weights;  // path of model.safetensors or its index
  int64_t num_logits;   // the head's first that are given out: 2 with the frozen ImageNet head
  std::vector<double> mean;
  std::vector<double> std;
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
  int64_t batch_size;    // what the packed weights are tuned for; other sizes work
  bool flip_average;     // scores and heat maps are means over an image and its mirror image
};

struct DetectorScores {
  at::Tensor logits;    // [N, num_logits], fp32, CPU
  at::Tensor features;  // [N, num_features], fp32, CPU: what the head reads
};

class Detector {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<Detector> Load(const DetectorSpec& spec, const CancelToken& cancel);

  // Throws ERR_NONFINITE naming the first image whose result is NaN or Inf; Cancelled between
  // blocks.
  DetectorScores Score(const ImageBatch& images, const CancelToken& cancel);

  // How much each cell of grid() raised `direction * (logit 1 - logit 0)`: [N, rows, columns],
  // fp32, CPU, >= 0. Needs num_logits >= 2; direction is 1 (fake) or -1 (real). With flip_average
  // the mean of the image's and of its mirror image's, which is mirrored back: what Score explains.
  at::Tensor Heatmap(const ImageBatch& images, double direction, const CancelToken& cancel);

  const DetectorSpec& spec() const { return spec_; }
  ImageShape image() const { return network_->image(); }
  FeatureSize grid() const { return network_->grid(); }
  int64_t parameter_count() const { return parameter_count_; }
  int64_t memory_bytes() const { return memory_bytes_; }  // of the weights, without packed copies

 private:
  Detector(const DetectorSpec& spec, std::unique_ptr<DetectorNetwork> network);
  void PlaceWeights();
  void CountWeights();
  at::Tensor Pixels(const ImageBatch& images) const;

  const DetectorSpec spec_;
  const std::unique_ptr<DetectorNetwork> network_;
  int64_t parameter_count_ = 0;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
