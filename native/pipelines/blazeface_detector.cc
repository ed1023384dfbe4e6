#include "pipelines/blazeface_detector.h"

#include <ATen/ATen.h>

#include "nn/compute_dtype.h"
#include "nn/module_weights.h"

namespace deepcode {

std::shared_ptr<BlazeFaceDetector> BlazeFaceDetector::Load(const BlazeFaceSpec& spec,
                                                           const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<BlazeFaceDetector> detector(new BlazeFaceDetector(spec));
  const ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {}, .dtype = spec.dtype, .device = spec.device};
  LoadModuleWeights(*detector->model_, MappedWeights::Open(spec.weights), options, cancel);
  for (const at::Tensor& parameter : detector->model_->parameters()) {
    detector->memory_bytes_ += static_cast<int64_t>(parameter.nbytes());
  }
  detector->model_->Prepare(/*batch=*/1);
  return detector;
}

BlazeFaceDetector::BlazeFaceDetector(const BlazeFaceSpec& spec)
    : spec_(spec), model_(std::make_shared<BlazeFace>(spec.blazeface)) {}

BlazeFace::Output BlazeFaceDetector::Forward(const ImageBatch& images,
                                             const CancelToken& cancel) const {
  c10::InferenceMode inference;
  const std::vector<double> half(3, 0.5);  // -1 to 1
  const PixelOptions options{BlazeFace::kImageSize, BlazeFace::kImageSize, 3, half, half};
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  return model_->Forward(NormalizedPixels(images, options, spec_.device, dtype), cancel);
}

std::vector<std::vector<FaceBox>> BlazeFaceDetector::Detect(const ImageBatch& images,
                                                            const FaceThresholds& thresholds,
                                                            const CancelToken& cancel) const {
  c10::InferenceMode inference;
  return DecodeBlazeFace(Forward(images, cancel), thresholds);
}

}  // namespace deepcode
