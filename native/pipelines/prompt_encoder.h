// CLIP's text encoder on its own: loaded, placed on a device and run on token ids.
#pragma once

#include <memory>
#include <string>

#include "models/clip_text.h"
#include "runtime/cancel.h"

namespace deepcode {

struct PromptEncoderSpec {
  ClipTextOptions clip_text;
  std::string weights;  // path of model.safetensors or its index
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class PromptEncoder {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<PromptEncoder> Load(const PromptEncoderSpec& spec,
                                             const CancelToken& cancel);

  // ids [N, L] int64, CPU. The result is fp32, CPU. Throws as ClipText::Forward, and ERR_NONFINITE.
  ClipText::Output Encode(const at::Tensor& ids, int64_t skipped_layers, const CancelToken& cancel);

  const PromptEncoderSpec& spec() const { return spec_; }
  int64_t memory_bytes() const;

 private:
  explicit PromptEncoder(const PromptEncoderSpec& spec);

  const PromptEncoderSpec spec_;
  const std::shared_ptr<ClipText> model_;
};

}  // namespace deepcode
