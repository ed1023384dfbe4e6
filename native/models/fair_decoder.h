// The conditional decoder of the disentangled detector: an image from content and demographic maps,
// conditioned on forgery maps by adaptive instance normalisation at three scales.
//
//   x3 = conv3(up(AdaIN(x, c)))    c3 = conv3(up(c))
//   x2 = conv2(up(AdaIN(x3, c3)))  c2 = conv2(up(c3))
//   x1 = conv1(up(AdaIN(x2, c2)))
//   image = tanh(up4(conv_last(x1)))
// up and up4 enlarge bilinearly, by 2 and by 4, with corners aligned; conv<i> is two 3 x 3
// convolutions with ReLU (dconv_up<i>.0 and .2), which the image and the condition share.
// Module names as in Fairness-Generalization's Conditional_UNet.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/conv2d.h"

namespace deepcode {

struct FairDecoderOptions {
  int64_t in_channels;   // of the content and the condition
  int64_t out_channels;  // of the image
  double width;          // of the 256, 128 and 64 channels in between: see ScaledChannels
  double dropout;        // after each enlargement by 2, in training
};

class FairDecoder : public torch::nn::Module {
 public:
  explicit FairDecoder(const FairDecoderOptions& options);

  // content and condition [N, in_channels, h, w], h w >= 2 -> [N, out_channels, 32 h, 32 w], from -1
  // to 1
  at::Tensor Forward(at::Tensor content, at::Tensor condition) const;

  void SetGenerator(const at::Generator& generator) { generator_ = generator; }

 private:
  class DoubleConv : public torch::nn::Module {
   public:
    DoubleConv(int64_t in_channels, int64_t out_channels);
    at::Tensor Forward(const at::Tensor& x) const;

   private:
    std::shared_ptr<Conv2d> first_;
    std::shared_ptr<Conv2d> second_;
  };

  at::Tensor Enlarge(const at::Tensor& x, const DoubleConv& conv) const;

  const FairDecoderOptions options_;
  std::shared_ptr<DoubleConv> dconv_up3_;
  std::shared_ptr<DoubleConv> dconv_up2_;
  std::shared_ptr<DoubleConv> dconv_up1_;
  std::shared_ptr<Conv2d> conv_last_;
  at::Generator generator_;
};

}  // namespace deepcode
