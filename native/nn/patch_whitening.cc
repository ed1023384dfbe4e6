#include "nn/patch_whitening.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "runtime/error.h"

namespace deepcode {
namespace {

// An eigenvector's sign is free: the entry of largest magnitude becomes positive.
at::Tensor WithFixedSigns(const at::Tensor& rows) {
  const at::Tensor largest = rows.abs().argmax(1, /*keepdim=*/true);
  return rows * rows.gather(1, largest).sign();
}

}  // namespace

void WhitenPatches(PatchEmbed& embed, const at::Tensor& patches, double noise) {
  at::NoGradGuard no_grad;
  at::Tensor weight = embed.proj->weight.flatten(1);  // [dim, K], a view of the parameter
  at::Tensor bias = embed.proj->bias;
  if (!bias.defined() || patches.dim() != 2 || patches.size(0) < 2 ||
      patches.size(1) != weight.size(1)) {
    throw Error(ErrorCode::kShape,
                "Whitening needs a patch embedding with a bias and at least two patches of its size.");
  }
  const at::Tensor x = patches.to(at::kCPU, at::kDouble);
  const at::Tensor mean = x.mean(0);
  const at::Tensor centred = x - mean;
  const at::Tensor covariance = at::matmul(centred.t(), centred) / (x.size(0) - 1);
  const auto [values, vectors] = at::linalg_eigh(covariance);  // ascending; columns are vectors
  const int64_t count = std::min(weight.size(0), weight.size(1));
  const at::Tensor e = values.flip(0).narrow(0, 0, count).clamp_min(0.0);
  const at::Tensor v = WithFixedSigns(vectors.t().flip(0).narrow(0, 0, count));
  const at::Tensor rows = v / at::sqrt(e + noise * noise).unsqueeze(1);
  weight.narrow(0, 0, count).copy_(rows);
  bias.narrow(0, 0, count).copy_(-at::mv(rows, mean));
}

}  // namespace deepcode
