// Gradient-weighted attention rollout: which patches moved a score.
//
// Papers: Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers" (rollout);
// Chefer et al. 2021, "Generic Attention-model Explainability for Interpreting Bi-Modal and
// Encoder-Decoder Transformers", equations 5 and 6 (weighting by the gradient):
//   E[ (grad A * A)^+ ]   mean over heads of the positive part     (5)
//   R <- R + Abar R,  R = I before the first block                 (6)
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

// attention and gradients: per block [N, heads, L, L]. Returns R [N, L, L] in fp32; row i says how
// much each input token contributed to token i.
at::Tensor GradientRollout(const std::vector<at::Tensor>& attention,
                           const std::vector<at::Tensor>& gradients);

}  // namespace deepcode
