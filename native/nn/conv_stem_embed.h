// Tokens from a stack of small strided convolutions instead of one projection of each patch: neighbouring
// tokens share pixels, and fine texture passes several non-linear layers before it is averaged away, which
// is what a network needs that learns from a few thousand images.
//
// Paper: Xiao et al. 2021, "Early Convolutions Help Transformers See Better", section 3. Reference: timm 1.0,
// ConvStem in vision_transformer_hybrid.py.
// Every convolution but the last is followed by a batch norm and an activation. Parameter names equal timm's:
// backbone.0.conv.weight, backbone.0.bn.weight, ..., backbone.4.conv.weight, backbone.4.conv.bias.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/activation.h"
#include "nn/conv_norm.h"

namespace deepcode {

struct ConvStemLayer {
  int64_t channels;
  int64_t kernel;   // pixels
  int64_t stride;   // pixels
  int64_t padding;  // zeros on each side
};

class ConvStemEmbed : public torch::nn::Module {
 public:
  // At least one layer.
  ConvStemEmbed(int64_t in_channels, const std::vector<ConvStemLayer>& layers, Activation activation);

  // image [N, in_channels, H, W], any strides -> [N, h * w, channels of the last layer], where h and w are
  // what the layers leave of H and W
  at::Tensor Forward(const at::Tensor& image) const;

  // PyTorch's default for convolutions; norms stay as they are.
  void InitWeights(const at::Generator& generator);

  // Folds the norms into the convolutions, as they are in evaluation mode; before the weights are rounded to
  // another dtype. From then on for inference only.
  void Fold();

  // Lays the folded weights out for images of about `size`; they must not be read any more.
  void Prepare(FeatureSize size);

 private:
  const Activation activation_;
  std::vector<ConvNorm> convolutions_;  // all but the last
  std::shared_ptr<Conv2d> last_;
};

}  // namespace deepcode
