// The safety checker on 8-bit images: preprocessing's last step, scores and flags.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/safety_checker.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

struct ImageSafetySpec {
  SafetyCheckerOptions safety_checker;
  std::string weights;       // path of model.safetensors or its index
  std::vector<double> mean;  // per channel, of values scaled to [0, 1]
  std::vector<double> std;
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class ImageSafety {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<ImageSafety> Load(const ImageSafetySpec& spec, const CancelToken& cancel);

  // Images of image_size x image_size x num_channels. Throws as SafetyChecker::Score.
  SafetyChecker::Scores Check(const ImageBatch& images, const CancelToken& cancel);

  const ImageSafetySpec& spec() const { return spec_; }
  int64_t memory_bytes() const;

 private:
  explicit ImageSafety(const ImageSafetySpec& spec);

  const ImageSafetySpec spec_;
  const std::shared_ptr<SafetyChecker> model_;
};

}  // namespace deepcode
