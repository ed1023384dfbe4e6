// One step of an optimiser: gradients are gathered, checked, clipped and applied, with or without
// sharpness-aware minimisation; a step that fails leaves the parameters as they were.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "optim/optimizer.h"
#include "optim/sam.h"
#include "pipelines/trainer_spec.h"

namespace deepcode {

class GradientStep {
 public:
  GradientStep(std::vector<OptimizedParameter> parameters, const OptimizerSpec& spec);

  // Throws ERR_NONFINITE naming `what` and the step, which is dropped.
  void RequireFinite(double value, const char* what);

  // Sharpness-aware minimisation: moves the parameters uphill and clears the gradients, so that
  // they may be gathered anew. Throws ERR_NONFINITE; ERR_CONFIG where there is no such
  // minimisation.
  void Climb();

  // Moves back, clips, updates the parameters and clears the gradients. Returns the gradient's norm
  // before clipping. Throws ERR_NONFINITE before anything is changed.
  double Update(double learning_rate);

  // Clears the gradients and moves back.
  void Drop();

  // After Climb and before Update or Drop.
  bool is_uphill() const { return sam_ && sam_->is_away(); }

  const std::vector<OptimizedParameter>& parameters() const { return parameters_; }
  Optimizer& optimizer() { return *optimizer_; }

 private:
  double FiniteNorm();
  void ClearGradients();

  const std::vector<OptimizedParameter> parameters_;
  const double clip_grad_norm_;
  const std::unique_ptr<Optimizer> optimizer_;
  const std::unique_ptr<SharpnessAware> sam_;  // null without
};

}  // namespace deepcode
