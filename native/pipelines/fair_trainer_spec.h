// What describes a training run of the disentangled detector. There are no defaults: TypeScript
// fills every field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "losses/bilevel_cvar.h"
#include "losses/ldam.h"
#include "models/fair_detector_options.h"
#include "pipelines/trainer_spec.h"

namespace deepcode {

// Factors of the sum that is minimised; 0 leaves a loss out.
struct FairLossWeights {
  double fused;           // of the prediction
  double common;          // of the common forgery features
  double specific;        // of the method's prediction
  double demographic;     // of the group's prediction
  double contrastive;
  double reconstruction;
};

struct FairLossSpec {
  FairLossWeights weights;
  LdamOptions demographic;  // class_counts: images of each group
  double margin;            // contrastive
  std::optional<BilevelCvarOptions> fairness;  // of the prediction; none: the mean over images
};

struct FairTrainerSpec {
  FairDetectorOptions network;
  std::optional<std::string> weights;   // of a whole detector
  std::optional<std::string> encoders;  // of one Xception for all three; unused with `weights`
  bool freeze_norms;  // normalise by the running statistics, which stay as they are
  std::vector<double> mean;
  std::vector<double> std;
  FairLossSpec loss;
  OptimizerSpec optimizer;
  uint64_t seed;
  at::Device device;
  at::ScalarType autocast;  // kFloat: none; parameters and optimiser stay fp32
};

}  // namespace deepcode
