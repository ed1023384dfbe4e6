// Nearest-neighbour doubling and the 3 x 3 convolution after it, as one 2 x 2 convolution of the
// small map: each of the four output positions over an input position sees only 2 x 2 different
// inputs, so the taps that meet the same input are added up beforehand (Shi et al. 2016, "Is the
// deconvolution layer the same as a convolutional layer?"). 16/36 of the multiplications. For
// inference only.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "nn/packed_conv2d.h"

namespace deepcode {

class UpsampleConv2d {
 public:
  // weight [out, in, 3, 3], bias [out]; packed for inputs of about `size`. Empty where there is no
  // packed kernel.
  static std::optional<UpsampleConv2d> Pack(const at::Tensor& weight, const at::Tensor& bias,
                                            FeatureSize size);

  // x [N, in, h, w] -> [N, out, 2 h, 2 w], channels-last
  at::Tensor Apply(const at::Tensor& x) const;

 private:
  explicit UpsampleConv2d(PackedConv2d conv);

  PackedConv2d conv_;  // to 4 * out channels: the four positions, row by row
};

}  // namespace deepcode
