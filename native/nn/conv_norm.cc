#include "nn/conv_norm.h"

#include <ATen/ATen.h>

namespace deepcode {

at::Tensor ConvNorm::Forward(const at::Tensor& x) const {
  const at::Tensor y = conv_->Forward(x);
  return folded_ ? y : norm_->Forward(y);
}

at::Tensor ConvNorm::ForwardRelu(const at::Tensor& x) const {
  return folded_ ? conv_->ForwardRelu(x) : norm_->Forward(conv_->Forward(x)).relu_();
}

at::Tensor ConvNorm::ForwardAdded(const at::Tensor& x, const at::Tensor& other) const {
  return folded_ ? conv_->ForwardAdded(x, other) : norm_->Forward(conv_->Forward(x)).add_(other);
}

void ConvNorm::Fold() {
  conv_->ScaleAndShift(norm_->Scale(), norm_->Shift());
  folded_ = true;
}

FeatureSize ConvNorm::Prepare(FeatureSize size) {
  conv_->Prepare(size);
  return conv_->OutputSize(size);
}

}  // namespace deepcode
