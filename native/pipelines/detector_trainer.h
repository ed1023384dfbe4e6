// Training of the detector: forward, loss, backward and update, one compute thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "models/vit.h"
#include "pipelines/cut_mix.h"
#include "pipelines/gradient_step.h"
#include "pipelines/pixels.h"
#include "pipelines/trainer_spec.h"
#include "runtime/cancel.h"

namespace deepcode {

// A batch and what is known of its images. Borrowed for the call.
struct LabelledBatch {
  ImageBatch images;
  const uint8_t* labels;  // images.count of them: 0 real, 1 fake
  const uint8_t* groups;  // the same number; null where the loss does not need them
};

struct TrainerLosses {
  double loss;        // what is minimised: ce, or its bi-level CVaR, + scl_weight * scl
  double ce;          // mean cross-entropy in nats, with class weights as factors
  double scl;         // Single-Center Loss; 0 when its weight is 0
  at::Tensor logits;  // [N, num_logits], fp32, CPU
};

struct TrainerScores {
  at::Tensor logits;    // [N, num_logits], fp32, CPU
  at::Tensor features;  // [N, num_features], fp32, CPU
};

class DetectorTrainer {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<DetectorTrainer> Create(const TrainerSpec& spec, const CancelToken& cancel);

  // Starts the patch embedding from the whitening of these images' patches; before the first step.
  // Throws ERR_SHAPE; ERR_CONFIG where the patch embedding is not trained.
  void WhitenPatches(const ImageBatch& images);

  // Forward and backward in training mode; adds `weight` times the gradient. Of a batch that is
  // mixed (TrainerSpec::cut_mix) both passes of a step see the same mixture. On any failure the
  // step is dropped: its gradients, and a climb. Throws ERR_NONFINITE naming the step, ERR_SHAPE
  // for other labels or missing groups; Cancelled between blocks.
  TrainerLosses Accumulate(const LabelledBatch& batch, double weight, const CancelToken& cancel);

  // Sharpness-aware minimisation: moves the parameters uphill and clears the gradients, so that
  // Accumulate may gather them anew. Update moves back first. Throws ERR_NONFINITE, ERR_CONFIG.
  void Climb();

  // Clips, updates the parameters and clears the gradients. Returns the gradient's norm before
  // clipping. Throws ERR_NONFINITE, naming the step, before anything is changed.
  double Update(double learning_rate);

  // Evaluation mode: no dropout, no gradients.
  TrainerScores Forward(const ImageBatch& images, const CancelToken& cancel);

  // The learnt centre [num_features], fp32, CPU; undefined without Single-Center Loss.
  at::Tensor Center() const;

  void SaveState(const std::filesystem::path& path);
  void RestoreState(const std::filesystem::path& path, const CancelToken& cancel);
  void SaveAdapter(const std::filesystem::path& path, at::ScalarType dtype) const;
  void SaveModel(const std::filesystem::path& path, at::ScalarType dtype) const;

  const TrainerSpec& spec() const { return spec_; }
  int64_t total_parameters() const;
  int64_t trained_parameters() const;
  int64_t memory_bytes() const;  // of parameters, gradients and moments

 private:
  DetectorTrainer(const TrainerSpec& spec, std::shared_ptr<Vit> vit);
  OptimizedParameter MakeCenter();
  void StartCenter(const at::Tensor& features, const at::Tensor& labels);
  at::Tensor Pixels(const ImageBatch& images) const;
  at::Tensor Labels(const LabelledBatch& batch) const;
  at::Tensor Groups(const LabelledBatch& batch) const;
  std::optional<CutMix> DrawMix(int64_t count);
  VitOutput Compute(const at::Tensor& pixels, const CancelToken& cancel);
  TrainerLosses ForwardAndBackward(const LabelledBatch& batch, double weight,
                                   const CancelToken& cancel);
  at::Tensor Losses(const at::Tensor& logits, const at::Tensor& labels,
                    const std::optional<CutMix>& mix) const;
  TrainerLosses Backward(const VitOutput& output, const LabelledBatch& batch,
                         const std::optional<CutMix>& mix, double weight);

  const TrainerSpec spec_;
  const std::shared_ptr<Vit> vit_;
  at::Generator generator_;  // dropout and stochastic depth
  at::Tensor center_;        // [num_features], a trained parameter
  bool center_started_ = false;
  int64_t part_ = 0;  // batches that the pass at hand has gathered
  std::unique_ptr<GradientStep> step_;
};

}  // namespace deepcode
