// y = x W^T + b, with an optional packed copy of W for inference.
#pragma once

#include <torch/nn/module.h>

#include <optional>

#include "nn/activation.h"
#include "nn/packed_linear.h"

namespace deepcode {

class Linear : public torch::nn::Module {
 public:
  Linear(int64_t in_features, int64_t out_features, bool bias);

  // x [..., in] -> [..., out]. Uses the packed copy when gradients are off.
  virtual at::Tensor Forward(const at::Tensor& x);

  // activation(Forward(x)) [..., out], fused where the packed kernel can.
  at::Tensor ForwardActivated(const at::Tensor& x, Activation activation);

  // other + Forward(x) [..., out], fused where there is a packed copy.
  at::Tensor ForwardAdded(const at::Tensor& x, const at::Tensor& other);

  // Forward(x) * other [..., out], fused where there is a packed copy.
  at::Tensor ForwardMultiplied(const at::Tensor& x, const at::Tensor& other);

  // Makes the packed copy for inputs of about `rows` rows, where there is a packed kernel. From then
  // on the weight must not change.
  void Pack(int64_t rows);

  // As Pack; where there is a packed copy now, the weight itself is given up and must not be read.
  void PackOnly(int64_t rows);

  int64_t in_features() const { return in_features_; }
  int64_t out_features() const { return out_features_; }

  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], undefined without bias

 private:
  bool UsePacked() const;

  const int64_t in_features_;
  const int64_t out_features_;
  std::optional<PackedLinear> packed_;
};

}  // namespace deepcode
