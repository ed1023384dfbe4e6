#include "losses/reconstruction.h"

#include <ATen/ATen.h>

#include "runtime/error.h"

namespace deepcode {

at::Tensor ReconstructionLoss(const at::Tensor& images, const at::Tensor& self,
                              const at::Tensor& cross) {
  if (images.dim() != 4 || images.numel() == 0 || images.sizes() != self.sizes() ||
      images.sizes() != cross.sizes()) {
    throw Error(ErrorCode::kShape,
                "Expected images [N, C, H, W] and reconstructions of their shape.");
  }
  const at::Tensor target = images.to(at::kFloat);
  // The halves are of one size: the mean over the reals and that over the fakes sum to twice the
  // mean.
  const at::Tensor own = at::l1_loss(self.to(at::kFloat), target);
  return 2.0 * (own + at::l1_loss(cross.to(at::kFloat), target));
}

}  // namespace deepcode
