// oneDNN's operators on packed weights, for which libtorch has no C++ header. They are called boxed
// so that a libtorch in which their arguments differ gives an error, and not undefined behaviour.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>

namespace deepcode {

std::optional<c10::OperatorHandle> FindOperator(const char* name, const char* overload = "");

// Whether the operator is there and takes this number of arguments.
bool Takes(const std::optional<c10::OperatorHandle>& op, size_t arguments);

// Whether packed kernels are of use for this weight's device and dtype.
bool HasPackedKernels(const at::Tensor& weight);

// None for an undefined tensor.
c10::IValue OptionalTensor(const at::Tensor& tensor);

}  // namespace deepcode
