#include "nn/packed_operator.h"

#include <ATen/Context.h>

namespace deepcode {

std::optional<c10::OperatorHandle> FindOperator(const char* name, const char* overload) {
  return c10::Dispatcher::singleton().findSchema({name, overload});
}

bool Takes(const std::optional<c10::OperatorHandle>& op, size_t arguments) {
  return op && op->schema().arguments().size() == arguments;
}

bool HasPackedKernels(const at::Tensor& weight) {
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && at::hasMKLDNN();
}

c10::IValue OptionalTensor(const at::Tensor& tensor) {
  return tensor.defined() ? c10::IValue(tensor) : c10::IValue();
}

}  // namespace deepcode
