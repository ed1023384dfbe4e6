#include "nn/upsample_conv2d.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

namespace deepcode {
namespace {

// Along one dimension: which of the three taps meet which of the two inputs, for an even output
// position (inputs i - 1 and i) and for an odd one (inputs i and i + 1). [2, 2, 3]
at::Tensor Meetings(const at::TensorOptions& options) {
  return at::tensor({1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1}, options).view({2, 2, 3});
}

// [4 out, in, 2, 2]. Taps that meet the same input are added in fp32 and rounded once.
at::Tensor Merged(const at::Tensor& weight) {
  const at::Tensor exact = weight.to(at::kFloat);
  const at::Tensor meetings = Meetings(exact.options());
  const at::Tensor merged = at::einsum("ayk,bxl,oikl->aboiyx", {meetings, meetings, exact}).flatten(0, 2);
  return merged.to(weight.scalar_type()).contiguous();
}

}  // namespace

std::optional<UpsampleConv2d> UpsampleConv2d::Pack(const at::Tensor& weight, const at::Tensor& bias,
                                                   FeatureSize size) {
  at::NoGradGuard no_grad;
  // One zero on each side: odd positions are then those one further on.
  auto conv = PackedConv2d::Pack(Merged(weight), bias.repeat({4}), 1, 1, size);
  if (!conv) return std::nullopt;
  return UpsampleConv2d(std::move(*conv));
}

UpsampleConv2d::UpsampleConv2d(PackedConv2d conv) : conv_(std::move(conv)) {}

at::Tensor UpsampleConv2d::Apply(const at::Tensor& x) const {
  const int64_t h = x.size(2), w = x.size(3);
  // [N, h + 1, w + 1, 2, 2, out]
  const at::Tensor parts = conv_.Apply(x).permute({0, 2, 3, 1}).unflatten(3, {2, 2, -1});
  const at::Tensor doubled = at::empty({x.size(0), h, 2, w, 2, parts.size(5)}, x.options());
  for (int64_t a = 0; a < 2; ++a) {
    for (int64_t b = 0; b < 2; ++b) {
      doubled.select(2, a).select(3, b).copy_(
          parts.slice(1, a, a + h).slice(2, b, b + w).select(3, a).select(3, b));
    }
  }
  return doubled.view({x.size(0), 2 * h, 2 * w, -1}).permute({0, 3, 1, 2});
}

}  // namespace deepcode
