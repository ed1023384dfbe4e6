// Names of Xception checkpoints and of the disentangled detector's, as their authors store them.
#pragma once

#include <string>
#include <vector>

#include "io/mapped_weights.h"

namespace deepcode {

// From the names in a file to the names of models/xception.h. Reads timm's files (classifier "fc"),
// Cadene's and FaceForensics++'s ("last_linear", also with dropout: "last_linear.1"), each also
// inside another module ("backbone.", "model.", "module."). Counters of batches are left out, and
// adjust_channel, which DeepfakeBench stores whether or not it is used, unless `adjusted`. A name
// that fits nowhere stays as it is.
TensorNames XceptionNames(const std::vector<std::string>& stored, bool adjusted);

// From the names in a file to the names of models/fair_detector.h: also inside another module, and
// without counters of batches, block_fused and the encoders' classifiers, which Lin et al. store
// and never read. With `prediction_only`, without the parts that FairDetector::KeepPrediction gives
// up; a file may lack them.
TensorNames FairDetectorNames(const std::vector<std::string>& stored, bool prediction_only);

}  // namespace deepcode
