// Single-Center Loss: pulls real features to one centre and pushes fake ones away from it.
//
// Papers: Li et al. 2021, "Frequency-aware Discriminative Feature Learning Supervised by Single-Center
// Loss for Face Forgery Detection", section "Single-Center Loss";
// Kong et al. 2023, "Enhancing General Face Forgery Detection via Vision Transformer with Low-Rank
// Adaptation", which uses it on a ViT's features with LoRA.
//
//   L = d_real + max(d_real - d_fake + m, 0)
//   d_real, d_fake   mean distance to C of the real and of the fake features   (Li: M_nat, M_man)
//   C                the learnable centre of the real class
//
// Which formula is which option:
//   distance  euclidean  ||f - C||_2     as both papers define M_nat and M_man
//             squared    ||f - C||_2^2   as in centre loss (Wen et al. 2016, equation 2), without the 1/2
//   margin    absolute   m = margin             Kong et al.
//             scaled     m = margin * sqrt(D)   Li et al.: D is the features' dimension
// Differences: where a batch has no sample of one class the comparison is left out, so that L is d_real
// for real samples only, and 0 for fake ones only; the gradient of a distance of 0 is 0.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace deepcode {

enum class CenterDistance { kEuclidean, kSquared };

struct SingleCenterOptions {
  double margin;       // >= 0
  bool scaled_margin;  // multiply the margin by sqrt(D)
  CenterDistance distance;
};

// "euclidean" or "squared". Throws ERR_CONFIG for anything else.
CenterDistance ParseCenterDistance(const std::string& name);

// features [N, D], labels [N] int64 (0 real, 1 fake), center [D] -> scalar in fp32. Differentiable with
// respect to features and center. Throws ERR_SHAPE.
at::Tensor SingleCenterLoss(const at::Tensor& features, const at::Tensor& labels,
                            const at::Tensor& center, const SingleCenterOptions& options);

}  // namespace deepcode
