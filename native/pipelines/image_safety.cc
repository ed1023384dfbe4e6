#include "pipelines/image_safety.h"

#include <ATen/ATen.h>

#include "nn/compute_dtype.h"

namespace deepcode {

std::shared_ptr<ImageSafety> ImageSafety::Load(const ImageSafetySpec& spec,
                                               const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<ImageSafety> safety(new ImageSafety(spec));
  const MappedWeights weights = MappedWeights::Open(spec.weights);
  LoadSafetyChecker(*safety->model_, weights, spec.dtype, spec.device, cancel);
  return safety;
}

ImageSafety::ImageSafety(const ImageSafetySpec& spec)
    : spec_(spec), model_(std::make_shared<SafetyChecker>(spec.safety_checker)) {}

SafetyChecker::Scores ImageSafety::Check(const ImageBatch& images, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const ClipVisionOptions& o = spec_.safety_checker.vision;
  const PixelOptions options{o.image_size, o.image_size, o.num_channels, spec_.mean, spec_.std};
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  return model_->Score(NormalizedPixels(images, options, spec_.device, dtype), cancel);
}

int64_t ImageSafety::memory_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& parameter : model_->parameters()) bytes += parameter.nbytes();
  return bytes;
}

}  // namespace deepcode
