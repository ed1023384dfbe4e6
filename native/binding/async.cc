#include "binding/async.h"

namespace deepcode::binding {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(50);

void CallListener(Napi::Env env, Environment& environment, uint64_t id,
                  const MakeArguments& arguments) {
  PendingCall* call = environment.FindCall(id);
  if (call == nullptr || call->on_progress.IsEmpty()) return;
  try {
    call->on_progress.Call(arguments(env));
  } catch (const Napi::Error& error) {
    // The listener threw: that is the caller's mistake and ends its call.
    if (auto failed = environment.TakeCall(id)) failed->deferred.Reject(error.Value());
  }
}

}  // namespace

uint64_t BeginCall(Napi::Env env, const JobOptions& options, Napi::Promise* promise) {
  auto call = std::make_unique<PendingCall>(env);
  *promise = call->deferred.Promise();
  for (const Napi::Value& value : options.keep_alive) {
    call->keep_alive.push_back(Napi::Reference<Napi::Value>::New(value, 1));
  }
  if (!options.on_progress.IsEmpty() && options.on_progress.IsFunction()) {
    call->on_progress = Napi::Persistent(options.on_progress.As<Napi::Function>());
  }
  return Environment::Of(env)->AddCall(std::move(call));
}

void RejectCall(Napi::Env env, Environment& environment, uint64_t id, const ErrorReport& report) {
  if (auto call = environment.TakeCall(id)) call->deferred.Reject(ToJsError(env, report).Value());
}

std::function<void(int64_t, int64_t)> ProgressSender(std::shared_ptr<Environment> environment,
                                                     uint64_t id) {
  using Clock = std::chrono::steady_clock;
  auto last = std::make_shared<std::optional<Clock::time_point>>();
  const auto report = ReportSender(environment, id);
  return [report, last](int64_t step, int64_t total) {
    const Clock::time_point now = Clock::now();
    if (step < total && last->has_value() && now - **last < kProgressInterval) return;
    *last = now;
    report([step, total](Napi::Env env) -> std::vector<napi_value> {
      return {Napi::Number::New(env, static_cast<double>(step)),
              Napi::Number::New(env, static_cast<double>(total))};
    });
  };
}

std::function<void(MakeArguments)> ReportSender(std::shared_ptr<Environment> environment,
                                                uint64_t id) {
  return [environment, id](MakeArguments arguments) {
    environment->Deliver([id, arguments = std::move(arguments)](Napi::Env env,
                                                                Environment& target) {
      CallListener(env, target, id, arguments);
    });
  };
}

}  // namespace deepcode::binding
