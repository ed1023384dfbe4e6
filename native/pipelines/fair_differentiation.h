// One forward and backward pass of the disentangled detector, for comparison with a reference.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "models/fair_detector.h"
#include "runtime/cancel.h"

namespace deepcode {

using NamedTensors = std::map<std::string, at::Tensor>;

// Null: evaluation mode.
using FairMode = std::optional<BatchStatistics>;

struct FairGradients {
  // common_features, common_logits, specific_*, demographic_*, fused_*, content,
  // self_reconstruction, cross_reconstruction; those of the specific branch only where there is
  // one.
  NamedTensors outputs;
  NamedTensors gradients;  // of every parameter that takes part
  NamedTensors buffers;    // running statistics after the pass
};

// pixels [N, C, H, W]. What is differentiated is the sum of every output times its entry of
// `weights`, which has the output's size; one without entry does not count. Everything fp32 on the
// CPU; dropout must be 0. Throws as LoadFairDetectorWeights and FairDetector::Forward, ERR_SHAPE,
// ERR_CONFIG.
FairGradients DifferentiateFairDetector(const FairDetectorOptions& options, const std::string& file,
                                        FairMode mode, const at::Tensor& pixels,
                                        const NamedTensors& weights, const CancelToken& cancel);

}  // namespace deepcode
