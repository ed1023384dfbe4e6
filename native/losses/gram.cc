#include "losses/gram.h"

#include <ATen/ATen.h>

#include "runtime/error.h"

namespace deepcode {

GramDistance ParseGramDistance(const std::string& name) {
  if (name == "l1") return GramDistance::kL1;
  if (name == "l2") return GramDistance::kL2;
  throw Error(ErrorCode::kConfig,
              "Expected l1 or l2 for the distance of Gram matrices but received '" + name + "'.");
}

at::Tensor GramMatrices(const at::Tensor& features, bool normalized) {
  if (features.dim() != 4 || features.numel() == 0) {
    throw Error(ErrorCode::kShape, "Expected [N, C, H, W] for the features of a Gram matrix.");
  }
  const at::Tensor rows = features.flatten(2).to(at::kFloat);  // [N, C, H W]
  const at::Tensor grams = at::bmm(rows, rows.transpose(1, 2));
  // Values per image: C H W.
  return normalized ? grams / static_cast<double>(rows.size(1) * rows.size(2)) : grams;
}

at::Tensor GramDistances(const at::Tensor& gram, const at::Tensor& others, GramDistance distance) {
  if (gram.dim() != 1 || others.dim() != 2 || others.size(1) != gram.size(0)) {
    throw Error(ErrorCode::kShape, "Expected Gram matrices of one size for their distance.");
  }
  const at::Tensor differences = (others - gram).to(at::kDouble);  // [M, C C]
  if (distance == GramDistance::kL1) return differences.abs_().sum(1);
  return differences.square_().sum(1).sqrt_();
}

}  // namespace deepcode
