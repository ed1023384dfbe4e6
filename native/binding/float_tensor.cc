#include "binding/float_tensor.h"

#include <ATen/ops/from_blob.h>

#include <string>

#include "binding/convert.h"

namespace deepcode::binding {

at::Tensor FloatTensor(const Napi::Value& value, const char* name, const std::vector<int64_t>& shape) {
  const ByteView bytes = Bytes(value, name);
  const auto length = static_cast<int64_t>(bytes.size / sizeof(float));
  std::vector<int64_t> sides = shape;
  int64_t known = 1;
  for (const int64_t side : sides) known *= side == -1 ? 1 : side;
  for (int64_t& side : sides) {
    if (side == -1) side = known > 0 ? length / known : 0;
  }
  int64_t total = 1;
  for (const int64_t side : sides) total *= side;
  if (length != total || total == 0 || !value.IsTypedArray() ||
      value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw Napi::RangeError::New(value.Env(), std::string("Expected a Float32Array of another length for ") +
                                                 name + " but received " + std::to_string(length) +
                                                 " values");
  }
  return at::from_blob(const_cast<uint8_t*>(bytes.data), sides, at::TensorOptions(at::kFloat));
}

Napi::Float32Array FloatsOf(Napi::Env env, const at::Tensor& tensor) {
  return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
}

Napi::Value NamedFloatsOf(Napi::Env env,
                          const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  Napi::Object result = Napi::Object::New(env);
  for (const auto& [name, values] : tensors) result.Set(name, FloatsOf(env, values));
  return result;
}

}  // namespace deepcode::binding
