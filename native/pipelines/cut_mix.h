// CutMix: every image of a batch gets a rectangle of another one, and its share of the label.
//
// Paper: Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with
// Localizable Features".
// Reference: timm's Mixup with mode "batch": one rectangle for all images of a batch.
//
//   x = M x_A + (1 - M) x_B,   y = lambda y_A + (1 - lambda) y_B              (1)
//   centre ~ U, width = W sqrt(1 - lambda), height = H sqrt(1 - lambda)       (2)
//
// with lambda ~ U(0, 1). The rectangle is cut at the image's border; lambda is then what is left of
// x_A, as in the reference.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace deepcode {

struct CutMix {
  at::Tensor partners;  // [N] int64, CPU, a permutation: x_B of every x_A
  int64_t top, left, bottom, right;
  double kept;  // lambda: share of x_A's pixels, 0 to 1
};

// For `count` images of height x width pixels. The generator is a CPU one.
CutMix DrawCutMix(int64_t count, int64_t height, int64_t width, const at::Generator& generator);

// pixels [N, C, H, W] -> the same shape; the argument is left as it is. Equation 1.
at::Tensor MixPixels(const at::Tensor& pixels, const CutMix& mix);

}  // namespace deepcode
