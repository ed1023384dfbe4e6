#include "nn/packed_linear.h"

#include <ATen/ATen.h>

#include <utility>

#include "nn/packed_operator.h"

namespace deepcode {
namespace {

constexpr char kReorder[] = "mkldnn::_reorder_linear_weight";
constexpr char kLinear[] = "mkldnn::_linear_pointwise";
constexpr char kBinary[] = "binary";  // the overload that takes a second operand

bool Available(const at::Tensor& weight) {
  return HasPackedKernels(weight) && Takes(FindOperator(kReorder), 2) &&
         Takes(FindOperator(kLinear), 6) && Takes(FindOperator(kLinear, kBinary), 5);
}

}  // namespace

std::optional<PackedLinear> PackedLinear::Pack(const at::Tensor& weight, const at::Tensor& bias,
                                               int64_t rows) {
  if (!Available(weight)) return std::nullopt;
  at::NoGradGuard no_grad;
  torch::jit::Stack stack{weight.detach().contiguous(), rows};
  FindOperator(kReorder)->callBoxed(stack);
  const at::Tensor bias_copy = bias.defined() ? bias.detach() : at::Tensor();
  return PackedLinear(stack.front().toTensor(), bias_copy);
}

PackedLinear::PackedLinear(at::Tensor weight, at::Tensor bias)
    : weight_(std::move(weight)), bias_(std::move(bias)) {}

at::Tensor PackedLinear::Apply(const at::Tensor& x) const { return Run(x, "none", nullptr); }

at::Tensor PackedLinear::ApplyActivated(const at::Tensor& x, Activation activation) const {
  if (activation == Activation::kGelu) return Run(x, "gelu", "none");
  if (activation == Activation::kGeluTanh) return Run(x, "gelu", "tanh");
  return Activate(Apply(x), activation);
}

at::Tensor PackedLinear::ApplyAdded(const at::Tensor& x, const at::Tensor& other) const {
  return RunBinary(x, other, "add");
}

at::Tensor PackedLinear::ApplyMultiplied(const at::Tensor& x, const at::Tensor& other) const {
  return RunBinary(x, other, "mul");
}

at::Tensor PackedLinear::RunBinary(const at::Tensor& x, const at::Tensor& other,
                                   const char* operation) const {
  torch::jit::Stack stack{x, other, weight_, OptionalTensor(bias_)};
  stack.emplace_back(operation);
  FindOperator(kLinear, kBinary)->callBoxed(stack);
  return stack.front().toTensor();
}

at::Tensor PackedLinear::Run(const at::Tensor& x, const char* post_op, const char* algorithm) const {
  torch::jit::Stack stack{x, weight_, OptionalTensor(bias_)};
  stack.emplace_back(post_op);
  stack.emplace_back(c10::List<std::optional<at::Scalar>>());
  stack.emplace_back(algorithm ? c10::IValue(algorithm) : c10::IValue());
  FindOperator(kLinear)->callBoxed(stack);
  return stack.front().toTensor();
}

}  // namespace deepcode
