// Fills a Vit from a checkpoint with timm's keys.
#pragma once

#include "io/mapped_weights.h"
#include "models/vit.h"
#include "runtime/cancel.h"

namespace deepcode {

struct VitWeightsOptions {
  // Modules ("head") whose parameters stay as they are; the file may hold them, of any shape.
  std::vector<std::string> skipped_modules;
};

// Loads every parameter and running statistic in fp32; it may be a view of the file, which must not be
// written to. Position embeddings of another square grid are resampled as timm does. A representation layer that the model does not have is ignored, as timm ignores it.
// Throws ERR_WEIGHTS_MISSING, _UNEXPECTED, _SHAPE, _FORMAT or _NONFINITE naming the keys; Cancelled.
void LoadVitWeights(Vit& vit, const MappedWeights& weights, const VitWeightsOptions& options,
                    const CancelToken& cancel);

}  // namespace deepcode
