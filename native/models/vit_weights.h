// Fills a Vit from a checkpoint with timm's keys.
#pragma once

#include "io/mapped_weights.h"
#include "models/vit.h"
#include "runtime/cancel.h"

namespace deepcode {

struct VitWeightsOptions {
  bool skip_head;  // leave head.* (and head_dist.*) as they are and ignore them in the file
  bool writable;   // copy, so that the weights can be trained; otherwise they may be views of the file
};

// Loads every parameter in fp32. Position embeddings of another square grid are resampled as timm
// does. A representation layer that the model does not have is ignored, as timm ignores it.
// Throws ERR_WEIGHTS_MISSING, _UNEXPECTED, _SHAPE or _NONFINITE naming the keys; Cancelled.
void LoadVitWeights(Vit& vit, const MappedWeights& weights, const VitWeightsOptions& options,
                    const CancelToken& cancel);

}  // namespace deepcode
