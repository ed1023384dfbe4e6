#include "nn/packed_linear.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <utility>

namespace deepcode {
namespace {

constexpr char kReorder[] = "mkldnn::_reorder_linear_weight";
constexpr char kLinear[] = "mkldnn::_linear_pointwise";
constexpr char kBinary[] = "binary";  // the overload that takes a second operand

// These operators have no C++ header. They are called boxed so that a libtorch in which their
// arguments differ gives an error here, and not undefined behaviour.
std::optional<c10::OperatorHandle> FindOperator(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchema({name, overload});
}

bool Takes(const std::optional<c10::OperatorHandle>& op, size_t arguments) {
  return op && op->schema().arguments().size() == arguments;
}

bool Available(const at::Tensor& weight) {
  if (!weight.is_cpu() || weight.scalar_type() != at::kFloat || !at::hasMKLDNN()) return false;
  return Takes(FindOperator(kReorder), 2) && Takes(FindOperator(kLinear), 6) &&
         Takes(FindOperator(kLinear, kBinary), 5);
}

c10::IValue Optional(const at::Tensor& tensor) {
  return tensor.defined() ? c10::IValue(tensor) : c10::IValue();
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
  torch::jit::Stack stack{x, other, weight_, Optional(bias_)};
  stack.emplace_back("add");
  FindOperator(kLinear, kBinary)->callBoxed(stack);
  return stack.front().toTensor();
}

at::Tensor PackedLinear::Run(const at::Tensor& x, const char* post_op, const char* algorithm) const {
  torch::jit::Stack stack{x, weight_, Optional(bias_)};
  stack.emplace_back(post_op);
  stack.emplace_back(c10::List<std::optional<at::Scalar>>());
  stack.emplace_back(algorithm ? c10::IValue(algorithm) : c10::IValue());
  FindOperator(kLinear)->callBoxed(stack);
  return stack.front().toTensor();
}

}  // namespace deepcode
