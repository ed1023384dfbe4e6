// A convolution and the batch norm behind it, which stand beside each other in a checkpoint and
// become one convolution for inference.
#pragma once

#include <memory>
#include <utility>

#include "nn/batch_norm_2d.h"
#include "nn/conv2d.h"

namespace deepcode {

class ConvNorm {
 public:
  ConvNorm() = default;
  ConvNorm(std::shared_ptr<Conv2d> conv, std::shared_ptr<BatchNorm2d> norm)
      : conv_(std::move(conv)), norm_(std::move(norm)) {}

  // x [N, in, h, w] -> [N, out, h', w']
  at::Tensor Forward(const at::Tensor& x) const;

  // relu(Forward(x)), fused where there is a packed kernel.
  at::Tensor ForwardRelu(const at::Tensor& x) const;

  // Forward(x) + other, fused where there is a packed kernel. other [N, out, h', w']
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& other) const;

  // Folds the norm, as it is in evaluation mode, into the convolution. From then on the norm is not
  // used. For inference, and before the weights are rounded to another dtype.
  void Fold();

  // Lays the folded weight out for inputs of about `size`; it must not be read any more. Returns
  // the output's size.
  FeatureSize Prepare(FeatureSize size);

 private:
  std::shared_ptr<Conv2d> conv_;
  std::shared_ptr<BatchNorm2d> norm_;
  bool folded_ = false;
};

}  // namespace deepcode
