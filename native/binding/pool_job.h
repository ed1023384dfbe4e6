// PostPoolJob: work on the libuv pool, the result as a promise. For reading and writing files and for
// other work that calls no torch operator; everything else belongs on a compute thread (async.h).
#pragma once

#include <napi.h>

#include <functional>
#include <utility>
#include <vector>

#include "binding/errors.h"

namespace deepcode::binding {

template <class Result>
class PoolJob : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result()>;
  using Convert = std::function<Napi::Value(Napi::Env, Result&)>;

  PoolJob(Napi::Env env, const char* name, Work work, Convert convert)
      : Napi::AsyncWorker(env, name),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        convert_(std::move(convert)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }
  void KeepAlive(const Napi::Value& value) {
    keep_alive_.push_back(Napi::Reference<Napi::Value>::New(value, 1));
  }

  void Execute() override {
    try {
      result_ = work_();
    } catch (...) {
      report_ = Describe(std::current_exception());
      SetError(report_.message);
    }
  }

  void OnOK() override {
    try {
      deferred_.Resolve(convert_(Env(), result_));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    } catch (...) {
      deferred_.Reject(ToJsError(Env(), Describe(std::current_exception())).Value());
    }
  }

  void OnError(const Napi::Error&) override {
    deferred_.Reject(ToJsError(Env(), report_).Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::vector<Napi::Reference<Napi::Value>> keep_alive_;
  Work work_;
  Convert convert_;
  Result result_{};
  ErrorReport report_;
};

// `work` runs off the JS thread and must not touch JS values; memory of JS values that it uses is
// named in `keep_alive`. `convert` runs on the JS thread.
template <class Result>
Napi::Value PostPoolJob(Napi::Env env, const char* name, const std::vector<Napi::Value>& keep_alive,
                        std::function<Result()> work,
                        std::function<Napi::Value(Napi::Env, Result&)> convert) {
  auto* job = new PoolJob<Result>(env, name, std::move(work), std::move(convert));
  for (const Napi::Value& value : keep_alive) job->KeepAlive(value);
  const Napi::Promise promise = job->promise();
  job->Queue();
  return promise;
}

}  // namespace deepcode::binding
