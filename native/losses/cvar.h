// Conditional value at risk: the mean of the worst share alpha of losses.
//
// Paper: Rockafellar & Uryasev 2000, "Optimization of Conditional Value-at-Risk", equation 4:
//   CVaR(l) = min over eta of eta + 1 / (alpha N) sum max(l_i - eta, 0)
// The minimum is at a quantile, the ceil(alpha N)-th largest loss, and equals sum w_i l_i with
// weights w = 1 / (alpha N) for the losses above it and what is left to 1 for the quantile itself:
// no search is needed, and the gradient is exactly w (envelope theorem). alpha = 1 is the mean,
// alpha -> 0 the maximum.
//
// The smoothed form is the one that the code of Lin et al. 2024 minimises over groups,
//   eta + tau2 / (2 alpha) eta^2 + 1 / (alpha N) sum tau1 log(1 + exp((l_i - eta) / tau1)),
// strictly convex in eta; its minimum is searched for, and the gradient is that at the minimum
// found.
// Difference: the softplus does not overflow. In the reference exp((l - eta) / tau1) is infinite in
// fp32 for l - eta > 88.7 tau1 and such an eta is refused, so that its search never leaves the
// neighbourhood of the worst group, whatever alpha is. The bounds of the search hold the minimum
// for every alpha.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

struct CvarSmoothing {
  double tau1;  // > 0, width of the kink
  double tau2;  // >= 0, pull of eta towards 0
};

// losses [N], N >= 1; 0 < alpha <= 1 -> scalar in fp32, differentiable. Throws ERR_SHAPE,
// ERR_CONFIG.
at::Tensor Cvar(const at::Tensor& losses, double alpha);

// An eta that attains the minimum of the plain form.
double CvarEta(const at::Tensor& losses, double alpha);

// The smoothed form. Throws as Cvar does.
at::Tensor SmoothedCvar(const at::Tensor& losses, double alpha, const CvarSmoothing& smoothing);

// The eta that attains the minimum of the smoothed form.
double SmoothedCvarEta(const at::Tensor& losses, double alpha, const CvarSmoothing& smoothing);

}  // namespace deepcode
