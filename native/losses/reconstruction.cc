#include "losses/reconstruction.h"

#include <ATen/ATen.h>

#include "runtime/error.h"

namespace deepcode {
namespace {

at::Tensor MeanAbsoluteError(const at::Tensor& image, const at::Tensor& made) {
  if (image.sizes() != made.sizes()) {
    throw Error(ErrorCode::kShape, "Expected reconstructions of the images' shape, half as many.");
  }
  return at::l1_loss(made.to(at::kFloat), image.to(at::kFloat));
}

}  // namespace

at::Tensor ReconstructionLoss(const at::Tensor& images, const Reconstructions& made) {
  if (images.dim() != 4 || images.size(0) == 0 || images.size(0) % 2 != 0) {
    throw Error(ErrorCode::kShape, "Expected images [2P, C, H, W] of real/fake pairs.");
  }
  const std::vector<at::Tensor> halves = images.chunk(2);
  const at::Tensor &real = halves[0], &fake = halves[1];
  return MeanAbsoluteError(fake, made.self_fake) + MeanAbsoluteError(real, made.self_real) +
         MeanAbsoluteError(fake, made.cross_fake) + MeanAbsoluteError(real, made.cross_real);
}

}  // namespace deepcode
