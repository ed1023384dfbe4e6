// PostJob: work on the device's compute thread, the result as a promise.
//
//   return PostJob<Scores>(info.Env(), {device, cancel, {images}},
//       [=](JobContext& context) { return detector->Score(batch, context.cancel); },
//       [](Napi::Env env, Scores& scores) -> Napi::Value { return ToJs(env, scores); });
//
// `work` runs off the JS thread and must not touch JS values; what it needs of a buffer it takes as a
// pointer, and the buffer is named in `keep_alive`. `convert` runs on the JS thread. The result is moved
// from one to the other.
#pragma once

#include <c10/core/Device.h>
#include <napi.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/errors.h"
#include "runtime/cancel.h"
#include "runtime/executor.h"

namespace deepcode::binding {

// Makes the arguments of a listener, on the JS thread.
using MakeArguments = std::function<std::vector<napi_value>(Napi::Env)>;

struct JobContext {
  const CancelToken& cancel;
  // Reports that `step` of `total` is done. Throttled; the last step is always reported.
  std::function<void(int64_t step, int64_t total)> progress;
  // Calls the listener with arguments of any kind. Not throttled.
  std::function<void(MakeArguments)> report;
};

struct JobOptions {
  c10::Device device;
  std::shared_ptr<CancelToken> cancel;  // null: the call cannot be cancelled by its caller
  std::vector<Napi::Value> keep_alive = {};
  Napi::Value on_progress = {};  // the listener, a function of (step, total), or empty
};

// Non-template parts, in async.cc.
uint64_t BeginCall(Napi::Env env, const JobOptions& options, Napi::Promise* promise);
void RejectCall(Napi::Env env, Environment& environment, uint64_t id, const ErrorReport& report);
std::function<void(int64_t, int64_t)> ProgressSender(std::shared_ptr<Environment> environment,
                                                     uint64_t id);
std::function<void(MakeArguments)> ReportSender(std::shared_ptr<Environment> environment,
                                                uint64_t id);

// Settles call `id` on the JS thread with the value `convert` makes of `result`.
template <class Result, class Convert>
void SettleCall(Napi::Env env, Environment& environment, uint64_t id, Result& result,
                const Convert& convert) {
  try {
    const Napi::Value value = convert(env, result);
    if (auto call = environment.TakeCall(id)) call->deferred.Resolve(value);
  } catch (const Napi::Error& error) {
    if (auto call = environment.TakeCall(id)) call->deferred.Reject(error.Value());
  } catch (...) {
    RejectCall(env, environment, id, Describe(std::current_exception()));
  }
}

template <class Result>
Napi::Value PostJob(Napi::Env env, JobOptions options, std::function<Result(JobContext&)> work,
                    std::function<Napi::Value(Napi::Env, Result&)> convert) {
  const std::shared_ptr<Environment> environment = Environment::Of(env);
  if (!options.cancel) options.cancel = std::make_shared<CancelToken>();
  Napi::Promise promise;
  const uint64_t id = BeginCall(env, options, &promise);
  auto run = [environment, id, cancel = options.cancel, work = std::move(work),
              convert = std::move(convert)]() mutable {
    try {
      cancel->ThrowIfCancelled();
      JobContext context{*cancel, ProgressSender(environment, id), ReportSender(environment, id)};
      auto result = std::make_shared<Result>(work(context));
      environment->Deliver([id, result, convert](Napi::Env env, Environment& target) {
        SettleCall(env, target, id, *result, convert);
      });
    } catch (...) {
      environment->Deliver([id, report = Describe(std::current_exception())](
                               Napi::Env env, Environment& target) {
        RejectCall(env, target, id, report);
      });
    }
  };
  try {
    Executor::For(options.device).Post({environment.get(), options.cancel, std::move(run)});
  } catch (...) {
    RejectCall(env, *environment, id, Describe(std::current_exception()));
  }
  return promise;
}

}  // namespace deepcode::binding
