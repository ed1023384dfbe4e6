#include "losses/ldam.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "runtime/error.h"

namespace deepcode {
namespace {

bool AreCounts(const std::vector<int64_t>& counts) {
  const auto negative = [](int64_t count) { return count < 0; };
  const auto positive = [](int64_t count) { return count > 0; };
  return std::none_of(counts.begin(), counts.end(), negative) &&
         std::any_of(counts.begin(), counts.end(), positive);
}

}  // namespace

at::Tensor LdamMargins(const LdamOptions& options) {
  if (!AreCounts(options.class_counts)) {
    throw Error(ErrorCode::kConfig, "Expected class counts of at least 0, one of them above 0.");
  }
  const at::Tensor counts = at::tensor(options.class_counts, at::kDouble);
  const at::Tensor margins = counts.clamp_min(1).pow(-0.25);
  // The largest margin is that of the smallest class that has samples.
  const at::Tensor largest = margins.masked_select(counts.gt(0)).max();
  return (margins * (options.max_margin / largest)).to(at::kFloat);
}

at::Tensor LdamLoss(const at::Tensor& logits, const at::Tensor& labels,
                    const LdamOptions& options) {
  const auto classes = static_cast<int64_t>(options.class_counts.size());
  if (logits.dim() != 2 || logits.size(1) != classes || labels.dim() != 1 ||
      labels.size(0) != logits.size(0)) {
    throw Error(ErrorCode::kShape,
                "Expected logits [N, classes] and labels [N] for the LDAM loss.");
  }
  const at::Tensor margins = LdamMargins(options).to(logits.device()).index({labels});
  const at::Tensor chosen = at::one_hot(labels, classes).to(at::kFloat);
  const at::Tensor shifted = logits.to(at::kFloat) - chosen * margins.unsqueeze(1);
  return at::cross_entropy_loss(options.scale * shifted, labels);
}

}  // namespace deepcode
