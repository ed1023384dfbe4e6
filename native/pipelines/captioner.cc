#include "pipelines/captioner.h"

#include <ATen/ATen.h>

#include "nn/compute_dtype.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

at::Tensor LogProbabilities(const at::Tensor& logits) {
  const at::Tensor scores = at::log_softmax(logits.to(at::kCPU, at::kFloat), 1);
  if (at::isfinite(scores).all().item<bool>()) return scores;
  throw Error(ErrorCode::kNonfinite, "A score of the captioner is NaN or infinite. Try fp32.");
}

}  // namespace

std::shared_ptr<Captioner> Captioner::Load(const CaptionerSpec& spec, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const MappedWeights weights = MappedWeights::Open(spec.weights);
  CheckCaptionerSizes(weights, spec.encoder, spec.decoder);
  std::shared_ptr<Captioner> captioner(new Captioner(spec));
  captioner->model_->eval();
  captioner->memory_bytes_ =
      captioner->model_->LoadWeights(weights, spec.dtype, spec.device, cancel);
  return captioner;
}

Captioner::Captioner(const CaptionerSpec& spec)
    : spec_(spec), model_(std::make_shared<VisionEncoderDecoder>(spec.encoder, spec.decoder)) {}

std::vector<FoundSequence> Captioner::Caption(const ImageBatch& image,
                                              const BeamSearchOptions& options,
                                              const CancelToken& cancel) {
  c10::InferenceMode inference;
  const VitOptions& o = spec_.encoder;
  const PixelOptions pixels{o.image_height, o.image_width, o.in_channels, spec_.mean, spec_.std};
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  const at::Tensor context =
      model_->Encode(NormalizedPixels(image, pixels, spec_.device, dtype), cancel);
  Gpt2Cache cache = model_->decoder().Start(context);
  return BeamSearch(options, [&](const at::Tensor& ids, const at::Tensor& order) {
    if (cache.tokens > 0) cache.Reorder(order.to(spec_.device));
    return LogProbabilities(model_->decoder().Next(ids.to(spec_.device), &cache, cancel));
  });
}

}  // namespace deepcode
