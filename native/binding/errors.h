// The one place where native failures become JS errors. A JS error made here has `code` set; ts/native.ts
// turns it into a DeepcodeError with the caller's stack.
#pragma once

#include <napi.h>

#include <exception>

#include "runtime/error.h"

namespace deepcode::binding {

inline Napi::Error ToJsError(Napi::Env env, const ErrorReport& report) {
  Napi::Error error = Napi::Error::New(env, report.message);
  error.Set("code", Napi::String::New(env, report.code));
  return error;
}

// Runs `body` and rethrows whatever it throws as a JS error with a code.
template <class Body>
auto Guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw ToJsError(env, Describe(std::current_exception()));
  }
}

}  // namespace deepcode::binding
