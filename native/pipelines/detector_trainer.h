// Training of the detector: forward, loss, backward and update, one compute thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "models/vit.h"
#include "optim/optimizer.h"
#include "pipelines/pixels.h"
#include "pipelines/trainer_spec.h"
#include "runtime/cancel.h"

namespace deepcode {

struct TrainerLosses {
  double loss;        // what is minimised: ce + scl_weight * scl
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

  // Forward and backward in training mode; adds `weight` times the gradient. labels: images.count
  // bytes, 0 real or 1 fake. On any failure all gradients of the step are dropped. Throws
  // ERR_NONFINITE naming the step, ERR_SHAPE for other labels; Cancelled between blocks.
  TrainerLosses Accumulate(const ImageBatch& images, const uint8_t* labels, double weight,
                           const CancelToken& cancel);

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
  void AddCenter();
  void StartCenter(const at::Tensor& features, const at::Tensor& labels);
  at::Tensor Pixels(const ImageBatch& images) const;
  at::Tensor Labels(const uint8_t* labels, int64_t count) const;
  VitOutput Compute(const ImageBatch& images, const CancelToken& cancel);
  TrainerLosses Backward(const VitOutput& output, const at::Tensor& labels, double weight);
  void ClearGradients();
  std::vector<at::Tensor> Tensors() const;
  std::string StepName() const;

  const TrainerSpec spec_;
  const std::shared_ptr<Vit> vit_;
  at::Generator generator_;  // dropout and stochastic depth
  at::Tensor center_;        // [num_features], a trained parameter
  bool center_started_ = false;
  std::vector<OptimizedParameter> parameters_;
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace deepcode
