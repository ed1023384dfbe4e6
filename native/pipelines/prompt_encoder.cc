#include "pipelines/prompt_encoder.h"

#include <ATen/ATen.h>

#include "runtime/error.h"

namespace deepcode {

std::shared_ptr<PromptEncoder> PromptEncoder::Load(const PromptEncoderSpec& spec,
                                                   const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<PromptEncoder> encoder(new PromptEncoder(spec));
  LoadClipText(*encoder->model_, MappedWeights::Open(spec.weights), spec.dtype, spec.device,
               cancel);
  return encoder;
}

PromptEncoder::PromptEncoder(const PromptEncoderSpec& spec)
    : spec_(spec), model_(std::make_shared<ClipText>(spec.clip_text)) {}

ClipText::Output PromptEncoder::Encode(const at::Tensor& ids, int64_t skipped_layers,
                                       const CancelToken& cancel) {
  c10::InferenceMode inference;
  const ClipText::Output output = model_->Forward(ids.to(spec_.device), skipped_layers, cancel);
  if (!at::isfinite(output.last_hidden).all().item<bool>()) {
    throw Error(ErrorCode::kNonfinite, "The text embeddings are NaN or infinite. Try dtype fp32.");
  }
  const auto to_host = [](const at::Tensor& tensor) {
    return tensor.to(at::kCPU, at::kFloat).contiguous();
  };
  return {to_host(output.last_hidden), to_host(output.pooled)};
}

int64_t PromptEncoder::memory_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& parameter : model_->parameters()) bytes += parameter.nbytes();
  return bytes;
}

}  // namespace deepcode
