#include "models/fair_decoder.h"

#include <ATen/ATen.h>

#include "models/xception_options.h"
#include "nn/adain.h"
#include "nn/dropout.h"

namespace deepcode {
namespace {

constexpr double kEps = 1e-5;

at::Tensor Upsample(const at::Tensor& x, int64_t factor) {
  const std::vector<int64_t> size{x.size(2) * factor, x.size(3) * factor};
  return at::upsample_bilinear2d(x, size, /*align_corners=*/true);
}

}  // namespace

FairDecoder::DoubleConv::DoubleConv(int64_t in_channels, int64_t out_channels) {
  const auto conv = [&](const char* name, int64_t in) {
    const Conv2dOptions options{in, out_channels, /*kernel=*/3, /*stride=*/1, /*padding=*/1};
    return register_module(name, std::make_shared<Conv2d>(options));
  };
  first_ = conv("0", in_channels);
  second_ = conv("2", out_channels);
}

at::Tensor FairDecoder::DoubleConv::Forward(const at::Tensor& x) const {
  return second_->ForwardRelu(first_->ForwardRelu(x));
}

FairDecoder::FairDecoder(const FairDecoderOptions& options) : options_(options) {
  const FairDecoderOptions& o = options_;
  const int64_t c3 = ScaledChannels(256, o.width), c2 = ScaledChannels(128, o.width);
  const int64_t c1 = ScaledChannels(64, o.width);
  dconv_up3_ = register_module("dconv_up3", std::make_shared<DoubleConv>(o.in_channels, c3));
  dconv_up2_ = register_module("dconv_up2", std::make_shared<DoubleConv>(c3, c2));
  dconv_up1_ = register_module("dconv_up1", std::make_shared<DoubleConv>(c2, c1));
  const Conv2dOptions last{c1, o.out_channels, /*kernel=*/1, /*stride=*/1, /*padding=*/0};
  conv_last_ = register_module("conv_last", std::make_shared<Conv2d>(last));
}

at::Tensor FairDecoder::Forward(at::Tensor content, at::Tensor condition) const {
  content = Enlarge(AdaptiveInstanceNorm(content, condition, kEps), *dconv_up3_);
  condition = Enlarge(condition, *dconv_up3_);
  content = Enlarge(AdaptiveInstanceNorm(content, condition, kEps), *dconv_up2_);
  condition = Enlarge(condition, *dconv_up2_);
  content = Enlarge(AdaptiveInstanceNorm(content, condition, kEps), *dconv_up1_);
  return Upsample(conv_last_->Forward(content), 4).tanh();
}

at::Tensor FairDecoder::Enlarge(const at::Tensor& x, const DoubleConv& conv) const {
  return conv.Forward(Dropout(Upsample(x, 2), is_training() ? options_.dropout : 0.0, generator_));
}

}  // namespace deepcode
