// Training of the disentangled detector on pairs of real and fake images.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/fair_detector.h"
#include "pipelines/fair_objective.h"
#include "pipelines/fair_trainer_spec.h"
#include "pipelines/gradient_step.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

// P real images before P fake ones; image i is paired with image i + P. Borrowed for the call.
struct PairBatch {
  ImageBatch images;       // 2P of them, P >= 1
  const uint8_t* groups;   // 2P numbers below the network's groups
  const uint8_t* methods;  // 2P numbers: 0 real, from 1 on the forgery method
};

struct FairTrainerLosses {
  double loss;           // the weighted sum
  double cross_entropy;  // mean of the prediction's, in nats
  // The sum's terms before weighting, by the names of FairLosses; absent ones are left out.
  std::vector<std::pair<std::string, double>> parts;
  at::Tensor logits;  // of the prediction, [2P, 2], fp32, CPU
};

struct FairTrainerScores {
  at::Tensor logits;    // [N, 2], fp32, CPU
  at::Tensor features;  // [N, D], fp32, CPU
};

class FairTrainer {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<FairTrainer> Create(const FairTrainerSpec& spec,
                                             const CancelToken& cancel);

  // Forward and backward in training mode; adds `weight` times the gradient. Running statistics
  // move but after Climb, which is their second pass of the step. On any failure the step is
  // dropped. Throws ERR_NONFINITE naming the step, ERR_SHAPE; Cancelled between blocks.
  FairTrainerLosses Accumulate(const PairBatch& batch, double weight, const CancelToken& cancel);

  // See GradientStep.
  void Climb() { step_->Climb(); }
  double Update(double learning_rate) { return step_->Update(learning_rate); }

  // The prediction in evaluation mode, of any number of images.
  FairTrainerScores Forward(const ImageBatch& images, const CancelToken& cancel);

  void SaveState(const std::filesystem::path& path);
  void RestoreState(const std::filesystem::path& path, const CancelToken& cancel);
  // Every parameter and running statistic, under the reference's names. Throws ERR_IO,
  // ERR_NONFINITE.
  void SaveModel(const std::filesystem::path& path, at::ScalarType dtype) const;

  const FairTrainerSpec& spec() const { return spec_; }
  int64_t total_parameters() const;
  int64_t memory_bytes() const;  // of parameters, gradients and moments

 private:
  FairTrainer(const FairTrainerSpec& spec, std::shared_ptr<FairDetector> network);
  at::Tensor Pixels(const ImageBatch& images) const;
  PairTargets Targets(const PairBatch& batch) const;
  FairTrainerLosses Backward(const PairBatch& batch, double weight, const CancelToken& cancel);

  const FairTrainerSpec spec_;
  const std::shared_ptr<FairDetector> network_;
  at::Generator generator_;  // dropout
  std::unique_ptr<GradientStep> step_;
};

}  // namespace deepcode
