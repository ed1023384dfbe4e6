// What one JS environment (the main thread or a worker) owns: the channel back to its event loop and
// the calls that have not settled yet. Only the JS thread touches JS values; compute threads hand over
// closures by call id.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace deepcode::binding {

// The JS side of a call in flight; created, used and destroyed on the JS thread only.
struct PendingCall {
  explicit PendingCall(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise::Deferred deferred;
  Napi::FunctionReference on_progress;                // empty when nobody listens
  std::vector<Napi::Reference<Napi::Value>> keep_alive;  // input buffers and handles
};

class Environment : public std::enable_shared_from_this<Environment> {
 public:
  using Callback = std::function<void(Napi::Env, Environment&)>;

  // Creates the environment's state and registers its teardown; called once by the module's init.
  static void Create(Napi::Env env);
  static std::shared_ptr<Environment> Of(Napi::Env env);

  // JS thread. Keeps the event loop alive while calls are pending.
  uint64_t AddCall(std::unique_ptr<PendingCall> call);
  PendingCall* FindCall(uint64_t id);
  std::unique_ptr<PendingCall> TakeCall(uint64_t id);

  // Any thread. Runs `callback` on the JS thread; dropped when the environment is gone.
  void Deliver(Callback callback);

 private:
  static void Teardown(void* self);
  static void CallJs(napi_env env, napi_value, void* context, void* data);

  Napi::Env env_{nullptr};
  napi_threadsafe_function channel_ = nullptr;
  std::mutex mutex_;
  bool closed_ = false;
  uint64_t next_id_ = 1;
  std::unordered_map<uint64_t, std::unique_ptr<PendingCall>> calls_;
};

}  // namespace deepcode::binding
