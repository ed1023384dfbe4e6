// Float32Arrays as tensors.
#pragma once

#include <ATen/core/Tensor.h>
#include <napi.h>

#include <string>
#include <utility>
#include <vector>

namespace deepcode::binding {

// A view of a Float32Array, valid while the array is kept alive. One side of `shape` may be -1:
// what the rest leaves. Throws RangeError where the array has another length.
at::Tensor FloatTensor(const Napi::Value& value, const char* name, const std::vector<int64_t>& shape);

// A copy; fp32, CPU, contiguous.
Napi::Float32Array FloatsOf(Napi::Env env, const at::Tensor& tensor);

// An object of such arrays by name.
Napi::Value NamedFloatsOf(Napi::Env env,
                          const std::vector<std::pair<std::string, at::Tensor>>& tensors);

}  // namespace deepcode::binding
