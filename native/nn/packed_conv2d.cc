#include "nn/packed_conv2d.h"

#include <ATen/ATen.h>

#include <utility>

#include "nn/packed_operator.h"

namespace deepcode {
namespace {

constexpr char kReorder[] = "mkldnn::_reorder_convolution_weight";
constexpr char kConvolution[] = "mkldnn::_convolution_pointwise";
constexpr char kBinary[] = "binary";  // the overload that takes a second operand

bool Available(const at::Tensor& weight) {
  return HasPackedKernels(weight) && Takes(FindOperator(kReorder), 6) &&
         Takes(FindOperator(kConvolution), 10) && Takes(FindOperator(kConvolution, kBinary), 13);
}

c10::IValue Pair(int64_t value) { return c10::IValue(std::vector<int64_t>{value, value}); }

c10::IValue NoScalars() { return c10::List<std::optional<at::Scalar>>(); }

}  // namespace

std::optional<PackedConv2d> PackedConv2d::Pack(const at::Tensor& weight, const at::Tensor& bias,
                                               int64_t stride, int64_t padding, FeatureSize size) {
  if (!Available(weight)) return std::nullopt;
  at::NoGradGuard no_grad;
  torch::jit::Stack stack{weight.detach().contiguous(at::MemoryFormat::ChannelsLast),
                          Pair(padding), Pair(stride), Pair(1), int64_t{1}};
  stack.emplace_back(std::vector<int64_t>{size.batch, weight.size(1), size.height, size.width});
  FindOperator(kReorder)->callBoxed(stack);
  const at::Tensor bias_copy = bias.defined() ? bias.detach() : at::Tensor();
  return PackedConv2d(stack.front().toTensor(), bias_copy, stride, padding);
}

PackedConv2d::PackedConv2d(at::Tensor weight, at::Tensor bias, int64_t stride, int64_t padding)
    : weight_(std::move(weight)), bias_(std::move(bias)), stride_(stride), padding_(padding) {}

at::Tensor PackedConv2d::Apply(const at::Tensor& x) const { return ApplyActivated(x, "none"); }

at::Tensor PackedConv2d::ApplyRelu(const at::Tensor& x) const { return ApplyActivated(x, "relu"); }

at::Tensor PackedConv2d::ApplyActivated(const at::Tensor& x, const char* activation) const {
  torch::jit::Stack stack{x, weight_, OptionalTensor(bias_), Pair(padding_), Pair(stride_), Pair(1),
                          int64_t{1}};
  stack.emplace_back(activation);
  stack.emplace_back(NoScalars());
  stack.emplace_back();
  FindOperator(kConvolution)->callBoxed(stack);
  return stack.front().toTensor();
}

at::Tensor PackedConv2d::ApplyAdded(const at::Tensor& x, const at::Tensor& other) const {
  torch::jit::Stack stack{x, other, weight_, OptionalTensor(bias_), Pair(padding_), Pair(stride_),
                          Pair(1), int64_t{1}};
  stack.emplace_back("add");
  stack.emplace_back();  // alpha
  stack.emplace_back();  // no second operation
  stack.emplace_back(NoScalars());
  stack.emplace_back();
  FindOperator(kConvolution, kBinary)->callBoxed(stack);
  return stack.front().toTensor();
}

}  // namespace deepcode
