#include "binding/environment.h"

#include "runtime/executor.h"

namespace deepcode::binding {
namespace {

struct Holder {
  std::shared_ptr<Environment> environment;
};

}  // namespace

void Environment::Create(Napi::Env env) {
  auto environment = std::make_shared<Environment>();
  environment->env_ = env;
  const Napi::String name = Napi::String::New(env, "deepcode");
  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, environment.get(), CallJs,
      &environment->channel_);
  if (status != napi_ok) throw Napi::Error::New(env, "The addon's event channel was not created.");
  napi_unref_threadsafe_function(env, environment->channel_);
  // Registered after the channel, so that it runs before the channel's own cleanup.
  napi_add_env_cleanup_hook(env, Teardown, environment.get());
  env.SetInstanceData(new Holder{environment});
}

std::shared_ptr<Environment> Environment::Of(Napi::Env env) {
  return env.GetInstanceData<Holder>()->environment;
}

uint64_t Environment::AddCall(std::unique_ptr<PendingCall> call) {
  if (calls_.empty()) napi_ref_threadsafe_function(env_, channel_);
  const uint64_t id = next_id_++;
  calls_.emplace(id, std::move(call));
  return id;
}

PendingCall* Environment::FindCall(uint64_t id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second.get();
}

std::unique_ptr<PendingCall> Environment::TakeCall(uint64_t id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return nullptr;
  std::unique_ptr<PendingCall> call = std::move(found->second);
  calls_.erase(found);
  if (calls_.empty()) napi_unref_threadsafe_function(env_, channel_);
  return call;
}

void Environment::Deliver(Callback callback) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  auto item = std::make_unique<Callback>(std::move(callback));
  const napi_status status = napi_call_threadsafe_function(channel_, item.get(), napi_tsfn_nonblocking);
  if (status == napi_ok) item.release();
}

void Environment::CallJs(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<Callback> callback(static_cast<Callback*>(data));
  if (env == nullptr) return;  // the environment is going away: drop the item
  const Napi::HandleScope scope(env);
  try {
    (*callback)(Napi::Env(env), *static_cast<Environment*>(context));
  } catch (...) {
    // JS cannot run any more (a worker is being terminated), so nobody is left to tell.
  }
}

// JS can no longer run here. The order matters: stop the jobs, then close the channel they use.
void Environment::Teardown(void* self) {
  const std::shared_ptr<Environment> environment =
      static_cast<Environment*>(self)->shared_from_this();
  {
    std::lock_guard lock(environment->mutex_);
    environment->closed_ = true;
  }
  Executor::CancelOwnerEverywhere(environment.get());
  environment->calls_.clear();
  napi_release_threadsafe_function(environment->channel_, napi_tsfn_abort);
}

}  // namespace deepcode::binding
