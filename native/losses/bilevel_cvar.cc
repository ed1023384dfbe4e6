#include "losses/bilevel_cvar.h"

#include <ATen/ATen.h>

#include <vector>

#include "runtime/error.h"

namespace deepcode {

at::Tensor GroupCvars(const at::Tensor& losses, const at::Tensor& groups, double inner_alpha) {
  if (losses.dim() != 1 || losses.sizes() != groups.sizes() || losses.numel() == 0) {
    throw Error(ErrorCode::kShape, "Expected losses [N] and groups [N] for the fairness loss.");
  }
  const at::Tensor present = std::get<0>(at::_unique2(groups));
  std::vector<at::Tensor> values;
  for (const at::Tensor& group : present.unbind()) {
    values.push_back(Cvar(losses.masked_select(groups.eq(group)), inner_alpha));  // (2b)
  }
  return at::stack(values);
}

at::Tensor BilevelCvar(const at::Tensor& losses, const at::Tensor& labels,
                       const at::Tensor& groups, const BilevelCvarOptions& options) {
  if (labels.sizes() != groups.sizes()) {
    throw Error(ErrorCode::kShape, "Expected labels [N] and groups [N] for the fairness loss.");
  }
  const at::Tensor numbers = options.by_class ? 2 * groups + labels : groups;
  const at::Tensor values = GroupCvars(losses, numbers, options.inner_alpha);
  if (options.smoothing) return SmoothedCvar(values, options.outer_alpha, *options.smoothing);
  return Cvar(values, options.outer_alpha);  // (2a)
}

}  // namespace deepcode
