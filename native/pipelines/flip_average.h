// Test-time augmentation by mirroring: a result is the mean over an image and its mirror image. As
// the head is linear in the features, means of logits and of features belong together.
#pragma once

#include <ATen/ATen.h>

namespace deepcode {

// [N, C, H, W] -> [2N, C, H, W]: the images, then their mirror images (left and right exchanged).
inline at::Tensor WithMirrorImages(const at::Tensor& pixels) {
  return at::cat({pixels, pixels.flip(3)});
}

// [2N, F] of such a batch -> [N, F].
inline at::Tensor MeanOfMirrorImages(const at::Tensor& rows) {
  return rows.unflatten(0, {2, rows.size(0) / 2}).mean(0);
}

}  // namespace deepcode
