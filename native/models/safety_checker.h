// Stable Diffusion's safety checker: the cosine similarity of an image's CLIP embedding with the
// embeddings of unwanted concepts, each with a threshold of its own.
//
// Paper: Rando et al. 2022, "Red-Teaming the Stable Diffusion Safety Filter", section 3. Reference:
// diffusers, pipelines/stable_diffusion/safety_checker.py (StableDiffusionSafetyChecker).
// Parameter names equal diffusers' keys, but for vision_model, whose names are those of
// clip_vision.h.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "io/mapped_weights.h"
#include "models/clip_vision.h"
#include "nn/linear.h"
#include "runtime/cancel.h"

namespace deepcode {

struct SafetyCheckerOptions {
  ClipVisionOptions vision;
  int64_t projection_dim;
  int64_t concepts;       // 17 in the published checkpoint
  int64_t special_cares;  // 3 there; one over its threshold lowers all thresholds of the concepts
};

class SafetyChecker : public torch::nn::Module {
 public:
  struct Scores {              // fp32, CPU
    at::Tensor embeds;         // [N, projection_dim], CLIP's embeddings of the images
    at::Tensor concepts;       // [N, concepts]: similarity - threshold (+ 0.01); over 0: found
    at::Tensor special_cares;  // [N, special_cares], as above
  };

  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit SafetyChecker(const SafetyCheckerOptions& options);

  // clip_pixels [N, C, image_size, image_size], normalised, in the weights' dtype. Throws
  // ERR_SHAPE, ERR_NONFINITE, Cancelled.
  Scores Score(const at::Tensor& clip_pixels, const CancelToken& cancel);

  // Which images show an unwanted concept: N values. Throws as Score.
  std::vector<bool> Flag(const at::Tensor& clip_pixels, const CancelToken& cancel);

  const SafetyCheckerOptions& options() const { return options_; }

 private:
  const SafetyCheckerOptions options_;
  std::shared_ptr<ClipVision> vision_model_;
  std::shared_ptr<Linear> visual_projection_;
  at::Tensor concept_embeds_;               // [concepts, projection_dim]
  at::Tensor special_care_embeds_;          // [special_cares, projection_dim]
  at::Tensor concept_embeds_weights_;       // [concepts], thresholds
  at::Tensor special_care_embeds_weights_;  // [special_cares], thresholds
};

// Fills the model from a checkpoint with diffusers' keys. Throws ERR_WEIGHTS_* naming the keys;
// Cancelled.
void LoadSafetyChecker(SafetyChecker& model, const MappedWeights& weights, at::ScalarType dtype,
                       at::Device device, const CancelToken& cancel);

}  // namespace deepcode
