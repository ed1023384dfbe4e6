// Label-distribution-aware margin loss: rarer classes get larger margins.
//
// Paper: Cao et al. 2019, "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
// equations 12 and 13 (the margins and the loss), with the scale s of Wang et al. 2018.
//
//   L = -log exp(s (z_y - D_y)) / (exp(s (z_y - D_y)) + sum over j != y of exp(s z_j))
//   D_j = C / n_j^(1/4)
//   n_j   samples of class j in the training set    C   such that the largest D is max_margin
//
// Difference: a class without samples in the training set has the margin of one sample, so that the
// rest keep theirs instead of losing them to a division by zero.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

struct LdamOptions {
  std::vector<int64_t> class_counts;  // >= 0, not all 0
  double max_margin;                  // >= 0
  double scale;                       // > 0
};

// Margins of the classes [C], fp32, CPU. Throws ERR_CONFIG for counts that are negative or all 0.
at::Tensor LdamMargins(const LdamOptions& options);

// logits [N, C], labels [N] int64 -> mean over the samples in fp32. Throws ERR_SHAPE.
at::Tensor LdamLoss(const at::Tensor& logits, const at::Tensor& labels, const LdamOptions& options);

}  // namespace deepcode
