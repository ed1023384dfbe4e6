// Gram matrices of feature maps, and how far two of them are apart.
//
// Paper: Gatys et al. 2016, "Image Style Transfer Using Convolutional Neural Networks", equation 3:
//   G_ij = sum over k of F_ik F_jk     F [C, H W]: channel i at position k
// Differences: G is divided by C H W where asked for, so that layers and image sizes compare
// (equation 4 has the constant 1 / (4 N^2 M^2) with N = C, M = H W instead); the distance is not
// equation 4's squared one but
//   L1  sum over i, j of |G_ij - A_ij|            the default
//   L2  sqrt(sum over i, j of (G_ij - A_ij)^2)    Frobenius' norm
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace deepcode {

enum class GramDistance { kL1, kL2 };

// "l1" or "l2". Throws ERR_CONFIG for anything else.
GramDistance ParseGramDistance(const std::string& name);

// features [N, C, H, W] of any floating dtype -> [N, C, C] in fp32. Throws ERR_SHAPE.
at::Tensor GramMatrices(const at::Tensor& features, bool normalized);

// gram [C * C], others [M, C * C], fp32 -> the distance to each: [M] in fp64. Throws ERR_SHAPE.
at::Tensor GramDistances(const at::Tensor& gram, const at::Tensor& others, GramDistance distance);

}  // namespace deepcode
