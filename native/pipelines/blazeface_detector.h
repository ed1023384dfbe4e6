// BlazeFace on 8-bit images: from pixels to faces.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/blazeface.h"
#include "pipelines/blazeface_decoder.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

struct BlazeFaceSpec {
  BlazeFaceOptions blazeface;
  std::string weights;  // path of a .safetensors file
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class BlazeFaceDetector {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<BlazeFaceDetector> Load(const BlazeFaceSpec& spec,
                                                 const CancelToken& cancel);

  // Images of 256 x 256 x 3. Both throw ERR_NONFINITE, Cancelled.
  BlazeFace::Output Forward(const ImageBatch& images, const CancelToken& cancel) const;
  std::vector<std::vector<FaceBox>> Detect(const ImageBatch& images,
                                           const FaceThresholds& thresholds,
                                           const CancelToken& cancel) const;

  const BlazeFaceSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  explicit BlazeFaceDetector(const BlazeFaceSpec& spec);

  const BlazeFaceSpec spec_;
  const std::shared_ptr<BlazeFace> model_;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
