// initialize, runtimeInfo, setThreads, shutdown and CancelToken.
#include <ATen/Context.h>
#include <ATen/Version.h>
#include <napi.h>
#include <torch/version.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/handle.h"
#include "runtime/cuda_library.h"
#include "runtime/device.h"
#include "runtime/executor.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kCancelTokenTag = {0x6b1f0c52a94d4be3ULL, 0x91c7d2035ee84f16ULL};

Napi::Object CudaInfo(Napi::Env env) {
  const CudaStatus status = QueryCuda();
  Napi::Object cuda = Napi::Object::New(env);
  cuda.Set("available", status.available);
  cuda.Set("librariesLoaded", status.libraries_loaded);
  cuda.Set("reason", status.reason);
  Napi::Array devices = Napi::Array::New(env);
  for (int i = 0; i < status.device_count; ++i) devices.Set(i, CudaDeviceName(i));
  cuda.Set("devices", devices);
  return cuda;
}

Napi::Value Initialize(const Napi::CallbackInfo& info) {
  LoadCudaLibraries(StringField(info[0].As<Napi::Object>(), "libtorchDirectory"));
  return info.Env().Undefined();
}

Napi::Value RuntimeInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    Napi::Object result = Napi::Object::New(env);
    result.Set("torch", TORCH_VERSION);
    result.Set("cpuCapability", at::get_cpu_capability());
    result.Set("threads", ComputeThreads());
    result.Set("cuda", CudaInfo(env));
    return result;
  });
}

Napi::Value SetThreads(const Napi::CallbackInfo& info) {
  SetComputeThreads(info[0].As<Napi::Number>().Int32Value());
  return info.Env().Undefined();
}

Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  Executor::ShutdownAll();
  return info.Env().Undefined();
}

Napi::Value NewCancelToken(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object token =
      Handle<CancelToken>::Wrap(env, std::make_shared<CancelToken>(), 0, kCancelTokenTag);
  token.Set("cancel", Napi::Function::New(env, [](const Napi::CallbackInfo& call) {
              Handle<CancelToken>::Get(call.This(), kCancelTokenTag)->Cancel();
            }));
  return token;
}

// Resolves once everything posted to the device before it has run.
Napi::Value Synchronize(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const c10::Device device = ParseDevice(info[0].As<Napi::String>().Utf8Value());
    return PostJob<bool>(
        env, {device, nullptr}, [](JobContext&) { return true; },
        [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  });
}

}  // namespace

std::shared_ptr<CancelToken> CancelTokenOf(const Napi::Value& value) {
  if (value.IsUndefined() || value.IsNull()) return nullptr;
  return Handle<CancelToken>::Get(value, kCancelTokenTag);
}

void RegisterRuntime(Napi::Env env, Napi::Object exports) {
  exports.Set("initialize", Napi::Function::New(env, Initialize));
  exports.Set("runtimeInfo", Napi::Function::New(env, RuntimeInfo));
  exports.Set("setThreads", Napi::Function::New(env, SetThreads));
  exports.Set("shutdown", Napi::Function::New(env, Shutdown));
  exports.Set("newCancelToken", Napi::Function::New(env, NewCancelToken));
  exports.Set("synchronize", Napi::Function::New(env, Synchronize));
}

}  // namespace deepcode::binding
