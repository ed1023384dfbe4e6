#include "models/safety_checker.h"

#include <ATen/ATen.h>

#include <cmath>

#include "io/key_map/clip_names.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr float kAdjustment = 0.01f;  // how much lower the thresholds are after a special care

// Both are [count, dim]; the smallest norm is the one of torch.nn.functional.normalize.
at::Tensor CosineSimilarity(const at::Tensor& images, const at::Tensor& concepts) {
  const auto normalized = [](const at::Tensor& rows) {
    return rows / rows.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12);
  };
  return normalized(images).mm(normalized(concepts).t());  // [N, concepts]
}

// [N, concepts], fp32, CPU.
at::Tensor OverThreshold(const at::Tensor& embeds, const at::Tensor& concepts,
                         const at::Tensor& thresholds) {
  return CosineSimilarity(embeds, concepts).to(at::kCPU, at::kFloat) -
         thresholds.to(at::kCPU, at::kFloat);
}

// As diffusers has them: three decimals, so that what is barely over a threshold is not found.
at::Tensor Rounded(const at::Tensor& scores) { return scores.round(3); }

}  // namespace

SafetyChecker::SafetyChecker(const SafetyCheckerOptions& options) : options_(options) {
  const SafetyCheckerOptions& o = options_;
  if (o.projection_dim < 1 || o.concepts < 1 || o.special_cares < 1) {
    throw Error(ErrorCode::kConfig, "The safety checker needs at least 1 concept and dimension.");
  }
  vision_model_ = register_module("vision_model", std::make_shared<ClipVision>(o.vision));
  visual_projection_ = register_module(
      "visual_projection",
      std::make_shared<Linear>(o.vision.encoder.hidden_size, o.projection_dim, /*bias=*/false));
  const auto table = [&](const char* name, at::IntArrayRef shape) {
    return register_parameter(name, at::empty(shape));
  };
  concept_embeds_ = table("concept_embeds", {o.concepts, o.projection_dim});
  special_care_embeds_ = table("special_care_embeds", {o.special_cares, o.projection_dim});
  concept_embeds_weights_ = table("concept_embeds_weights", {o.concepts});
  special_care_embeds_weights_ = table("special_care_embeds_weights", {o.special_cares});
}

SafetyChecker::Scores SafetyChecker::Score(const at::Tensor& clip_pixels,
                                           const CancelToken& cancel) {
  const at::Tensor pooled = vision_model_->Forward(clip_pixels, cancel).pooled;
  const at::Tensor embeds = visual_projection_->Forward(pooled);  // [N, projection_dim]
  if (!at::isfinite(embeds).all().item<bool>()) {
    throw Error(ErrorCode::kNonfinite,
                "The safety checker's scores are NaN or infinite. Try fp32.");
  }
  const at::Tensor special =
      OverThreshold(embeds, special_care_embeds_, special_care_embeds_weights_);
  const at::Tensor concepts = OverThreshold(embeds, concept_embeds_, concept_embeds_weights_);
  // From the first special care that is found on, the adjustment counts for all that follow.
  const at::Tensor found = (Rounded(special) > 0).to(at::kInt);
  const at::Tensor found_before = found.cumsum(1) - found > 0;
  const at::Tensor found_any = found.sum(1, /*keepdim=*/true) > 0;
  return {embeds.to(at::kCPU, at::kFloat).contiguous(), Rounded(concepts + kAdjustment * found_any),
          Rounded(special + kAdjustment * found_before)};
}

std::vector<bool> SafetyChecker::Flag(const at::Tensor& clip_pixels, const CancelToken& cancel) {
  const at::Tensor flags = (Score(clip_pixels, cancel).concepts > 0).any(1);  // [N]
  std::vector<bool> result;
  for (int64_t i = 0; i < flags.size(0); ++i) result.push_back(flags[i].item<bool>());
  return result;
}

void LoadSafetyChecker(SafetyChecker& model, const MappedWeights& weights, at::ScalarType dtype,
                       at::Device device, const CancelToken& cancel) {
  const ModuleWeightsOptions options{.prefix = "",
                                     .key = nullptr,
                                     .ignored = {"vision_model.embeddings.position_ids"},
                                     .dtype = dtype,
                                     .device = device};
  LoadModuleWeights(model, SafetyCheckerView(weights), options, cancel);
}

}  // namespace deepcode
