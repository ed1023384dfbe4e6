#include "pipelines/attention_rollout.h"

#include <ATen/ATen.h>

namespace deepcode {

at::Tensor GradientRollout(const std::vector<at::Tensor>& attention,
                           const std::vector<at::Tensor>& gradients) {
  at::NoGradGuard no_grad;
  const int64_t count = attention.front().size(0), tokens = attention.front().size(2);
  const auto options = attention.front().options().dtype(at::kFloat);
  at::Tensor relevance = at::eye(tokens, options).expand({count, tokens, tokens});
  for (size_t i = 0; i < attention.size(); ++i) {
    const at::Tensor weighted = gradients[i].to(at::kFloat) * attention[i].to(at::kFloat);
    const at::Tensor averaged = weighted.clamp_min(0).mean(1);    // (5)
    relevance = relevance + at::bmm(averaged, relevance);         // (6)
  }
  return relevance;
}

}  // namespace deepcode
