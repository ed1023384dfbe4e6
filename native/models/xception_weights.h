// Fills an Xception and the disentangled detector from checkpoints. Parameters and buffers get
// memory of their own on the device, in the dtype that ComputeDtype gives; none requires a
// gradient. All throw ERR_WEIGHTS_MISSING, _UNEXPECTED, _SHAPE, _NONFINITE naming the keys, and
// _FORMAT for a running variance below 0; Cancelled.
#pragma once

#include "io/mapped_weights.h"
#include "models/fair_detector.h"
#include "models/xception.h"
#include "runtime/cancel.h"

namespace deepcode {

struct WeightsPlace {
  at::ScalarType dtype;  // what values are rounded to; see ComputeDtype
  at::Device device;
};

// Files of any layout that XceptionNames reads; 1 x 1 convolutions may be matrices.
void LoadXceptionWeights(Xception& xception, const MappedWeights& weights, WeightsPlace place,
                         const CancelToken& cancel);

// A checkpoint of Fairness-Generalization or of this package. After KeepPrediction the file's other
// parts are not looked at.
void LoadFairDetectorWeights(FairDetector& detector, const MappedWeights& weights,
                             WeightsPlace place, const CancelToken& cancel);

// Starts all three encoders from one Xception of the same width, for example ImageNet's; its
// classifier is left out and adjust_channel stays as it is. In fp32, where the detector is.
void LoadEncoders(FairDetector& detector, const MappedWeights& weights, const CancelToken& cancel);

}  // namespace deepcode
