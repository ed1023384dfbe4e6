// The real-or-fake detector for inference: a Vit, an adapter merged into it, and its preprocessing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/vit.h"
#include "pipelines/pixels.h"
#include "pipelines/vit_adapter.h"
#include "runtime/cancel.h"

namespace deepcode {

struct DetectorAdapter {
  std::string weights;  // path of adapter_model.safetensors
  AdapterOptions options;
};

struct DetectorSpec {
  VitOptions vit;
  std::string weights;                     // path of model.safetensors or its index
  std::vector<DetectorAdapter> adapters;  // merged in this order
  int64_t num_logits;  // the head's first logits that are given out: 2 with the frozen ImageNet head
  std::vector<double> mean;
  std::vector<double> std;
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
  int64_t batch_size;    // what the packed weights are tuned for; other sizes work
};

struct DetectorScores {
  at::Tensor logits;    // [N, num_logits], fp32, CPU
  at::Tensor features;  // [N, num_features], fp32, CPU: what the head reads
};

class Detector {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<Detector> Load(const DetectorSpec& spec, const CancelToken& cancel);

  // Throws ERR_NONFINITE naming the first image whose result is NaN or Inf; Cancelled between blocks.
  DetectorScores Score(const ImageBatch& images, const CancelToken& cancel);

  // How much each patch raised `direction * (logit 1 - logit 0)`: [N, grid height, grid width], fp32,
  // CPU, >= 0. Needs num_logits >= 2; direction is 1 (fake) or -1 (real).
  at::Tensor Rollout(const ImageBatch& images, double direction, const CancelToken& cancel);

  const DetectorSpec& spec() const { return spec_; }
  int64_t parameter_count() const;
  int64_t memory_bytes() const;  // of the weights, without packed copies

 private:
  Detector(const DetectorSpec& spec, std::shared_ptr<Vit> vit);
  void LoadWeights(const CancelToken& cancel);
  void Finish();
  at::Tensor Pixels(const ImageBatch& images) const;

  const DetectorSpec spec_;
  const std::shared_ptr<Vit> vit_;
};

}  // namespace deepcode
