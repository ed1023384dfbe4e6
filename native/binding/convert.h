// Reading checked arguments and making results. TypeScript has validated everything already; a mismatch
// here is a mistake of this package and becomes a TypeError that names the field.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/cancel.h"

namespace deepcode::binding {

Napi::Value Field(const Napi::Object& object, const char* name);  // throws when undefined
std::string StringField(const Napi::Object& object, const char* name);
double NumberField(const Napi::Object& object, const char* name);
int64_t IntField(const Napi::Object& object, const char* name);
bool BoolField(const Napi::Object& object, const char* name);
Napi::Object ObjectField(const Napi::Object& object, const char* name);
std::vector<double> NumberArrayField(const Napi::Object& object, const char* name);
std::vector<std::string> StringArrayField(const Napi::Object& object, const char* name);
bool HasField(const Napi::Object& object, const char* name);  // neither undefined nor null

// A view of a Uint8Array's bytes; valid while the array is kept alive.
struct ByteView {
  const uint8_t* data;
  size_t size;
};
ByteView Bytes(const Napi::Value& value, const char* name);

// A Float32Array holding a copy of `values`.
Napi::Float32Array ToFloat32Array(Napi::Env env, const float* values, size_t count);

// The CancelToken behind a JS CancelToken object, or null for undefined.
std::shared_ptr<CancelToken> CancelTokenOf(const Napi::Value& value);

}  // namespace deepcode::binding
