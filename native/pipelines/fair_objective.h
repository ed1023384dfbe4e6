// The sum of losses that the disentangled detector is trained with.
//
// Paper: Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection", its overall
// objective.
//   L = fused + common + 0.1 specific + 0.1 demographic + 0.05 contrastive + 0.3 reconstruction
// with the weights of the authors' code; here they are options.
//   fused         bi-level CVaR (losses/bilevel_cvar.h) or mean of the prediction's cross-entropies
//   common        cross-entropy of the common forgery features' prediction of real or fake
//   specific      cross-entropy of the forgery method
//   demographic   LDAM loss (losses/ldam.h) of the demographic group
//   contrastive   losses/contrastive.h on common features by class, and on specific ones by method
//   reconstruction  losses/reconstruction.h
// Difference: without the specific branch its two terms are absent.
#pragma once

#include <ATen/core/Generator.h>

#include "models/fair_detector.h"
#include "pipelines/fair_trainer_spec.h"

namespace deepcode {

// Of a batch of P real images followed by P fake ones.
struct PairTargets {
  at::Tensor labels;   // [2P] int64: 0 real, 1 fake
  at::Tensor methods;  // [2P] int64: 0 real, from 1 on the forgery method
  at::Tensor groups;   // [2P] int64
};

// Scalars. Terms whose weight is 0 or whose branch is absent are undefined.
struct FairLosses {
  at::Tensor total;
  at::Tensor cross_entropy;  // mean of the prediction's, whatever `fused` is
  at::Tensor fused;
  at::Tensor common;
  at::Tensor specific;
  at::Tensor demographic;
  at::Tensor contrastive;
  at::Tensor reconstruction;
};

// pixels [2P, C, H, W], what the reconstructions are compared with. The generator, a CPU one, draws
// the contrastive loss' other samples. Throws ERR_SHAPE.
FairLosses FairObjective(const FairDetectorOutput& output, const at::Tensor& pixels,
                         const PairTargets& targets, const FairLossSpec& spec,
                         const at::Generator& generator);

}  // namespace deepcode
