// Contrastive regularisation of features of real/fake pairs: an anchor shall be nearer to another
// sample of its class than to one of the other class, by a margin.
//
// Paper: Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection"; it follows
// Yan et al. 2023, "UCF: Uncovering Common Features for Generalizable Deepfake Detection".
// Reference: Purdue-M2/Fairness-Generalization, which draws the other samples at random.
//
//   L = mean over the reals of max(d(f, f+) - d(f, f-) + m, 0) + the same over the fakes
//   f+    the sample that a permutation within the class gives
//   f-    the other class' f+ at its place
//   d     the Euclidean distance of f and f' + 1e-6 (PyTorch's pairwise_distance)
//
// Difference: permutations are arguments, so that a step can be repeated.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace deepcode {

// features [2P, D], P real ones before P fake ones; anchors [2P] int64, the index of f+ of every
// sample -> scalar in fp32. Throws ERR_SHAPE.
at::Tensor ContrastiveLoss(const at::Tensor& features, const at::Tensor& anchors, double margin);

// A random permutation of [0, N) that takes every index to one of the same kind. kinds [N] int64,
// CPU. The generator is a CPU one.
at::Tensor PermutationWithinKinds(const at::Tensor& kinds, const at::Generator& generator);

}  // namespace deepcode
