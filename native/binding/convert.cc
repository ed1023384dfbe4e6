#include "binding/convert.h"

#include <cstring>

namespace deepcode::binding {
namespace {

[[noreturn]] void Mismatch(Napi::Env env, const char* name, const char* expected) {
  throw Napi::TypeError::New(env, std::string("Expected ") + expected + " for native option " + name);
}

template <class T>
std::vector<T> ArrayField(const Napi::Object& object, const char* name,
                          T (*convert)(const Napi::Value&)) {
  const Napi::Value value = Field(object, name);
  if (!value.IsArray()) Mismatch(object.Env(), name, "an array");
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<T> items;
  items.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) items.push_back(convert(array[i]));
  return items;
}

}  // namespace

bool HasField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  return !value.IsUndefined() && !value.IsNull();
}

Napi::Value Field(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (value.IsUndefined()) Mismatch(object.Env(), name, "a value");
  return value;
}

std::string StringField(const Napi::Object& object, const char* name) {
  const Napi::Value value = Field(object, name);
  if (!value.IsString()) Mismatch(object.Env(), name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

double NumberField(const Napi::Object& object, const char* name) {
  const Napi::Value value = Field(object, name);
  if (!value.IsNumber()) Mismatch(object.Env(), name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

int64_t IntField(const Napi::Object& object, const char* name) {
  const double number = NumberField(object, name);
  const auto integer = static_cast<int64_t>(number);
  if (static_cast<double>(integer) != number) Mismatch(object.Env(), name, "an integer");
  return integer;
}

bool BoolField(const Napi::Object& object, const char* name) {
  const Napi::Value value = Field(object, name);
  if (!value.IsBoolean()) Mismatch(object.Env(), name, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

Napi::Object ObjectField(const Napi::Object& object, const char* name) {
  const Napi::Value value = Field(object, name);
  if (!value.IsObject()) Mismatch(object.Env(), name, "an object");
  return value.As<Napi::Object>();
}

std::vector<double> NumberArrayField(const Napi::Object& object, const char* name) {
  return ArrayField<double>(object, name,
                            [](const Napi::Value& item) { return item.ToNumber().DoubleValue(); });
}

std::vector<std::string> StringArrayField(const Napi::Object& object, const char* name) {
  return ArrayField<std::string>(object, name,
                                 [](const Napi::Value& item) { return item.ToString().Utf8Value(); });
}

ByteView Bytes(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray()) Mismatch(value.Env(), name, "a Uint8Array");
  const Napi::TypedArray array = value.As<Napi::TypedArray>();
  const auto* base = static_cast<const uint8_t*>(array.ArrayBuffer().Data());
  return {base + array.ByteOffset(), array.ByteLength()};
}

Napi::Float32Array ToFloat32Array(Napi::Env env, const float* values, size_t count) {
  Napi::Float32Array array = Napi::Float32Array::New(env, count);
  if (count > 0) std::memcpy(array.Data(), values, count * sizeof(float));
  return array;
}

}  // namespace deepcode::binding
