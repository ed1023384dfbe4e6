// The bi-level fairness loss: the worst samples of each group, and of these the worst groups.
//
// Paper: Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection", equations 2a
// and 2b:
//   L    = min over eta   of eta   + 1 / (alpha  |J|)   sum over J   max(L_j - eta, 0)      (2a)
//   L_j  = min over eta_j of eta_j + 1 / (alpha' |J_j|) sum over J_j max(l_i - eta_j, 0)    (2b)
//   l_i     loss of sample i        J_j     samples of group j in the batch    J  its groups
//   alpha   outer_alpha             alpha'  inner_alpha
// Every group counts the same however many samples it has. Both levels are CVaR (losses/cvar.h).
//
// The paper's groups know no classes: a group with few fakes has a small loss when its fakes are
// missed. by_class makes a group's real and fake samples groups of their own, as group DRO does
// (Sagawa et al. 2020, "Distributionally Robust Neural Networks for Group Shifts"), so that what is
// made even is the groups' losses within each class: error rates, as equalised odds ask for.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "losses/cvar.h"

namespace deepcode {

struct BilevelCvarOptions {
  double inner_alpha;                      // 0 < alpha' <= 1, over the samples of a group
  double outer_alpha;                      // 0 < alpha <= 1, over the groups
  std::optional<CvarSmoothing> smoothing;  // of the outer level, as the authors have it
  bool by_class;                           // a group's classes are groups of their own
};

// Losses of the groups that occur, by ascending group. losses [N], groups [N] int64 -> [G], fp32.
// Throws ERR_SHAPE, ERR_CONFIG.
at::Tensor GroupCvars(const at::Tensor& losses, const at::Tensor& groups, double inner_alpha);

// losses [N] of the samples, labels [N] int64, 0 or 1, groups [N] int64, any numbers -> scalar in
// fp32, differentiable with respect to the losses. Throws ERR_SHAPE, ERR_CONFIG.
at::Tensor BilevelCvar(const at::Tensor& losses, const at::Tensor& labels,
                       const at::Tensor& groups, const BilevelCvarOptions& options);

}  // namespace deepcode
