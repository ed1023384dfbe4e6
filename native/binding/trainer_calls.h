// What the trainers' JS objects have in common: the methods that do the same for any network.
#pragma once

#include <napi.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/async.h"
#include "binding/errors.h"
#include "binding/handle.h"
#include "runtime/device.h"

namespace deepcode::binding {

// `T` is a trainer of native/pipelines, `tag` that of its handles.
template <class T, const napi_type_tag& tag>
struct TrainerCalls {
  using Trainer = std::shared_ptr<T>;

  static Trainer Of(const Napi::CallbackInfo& info) { return Handle<T>::Get(info.This(), tag); }

  static std::string PathOf(const Napi::CallbackInfo& info) {
    return info[0].As<Napi::String>().Utf8Value();
  }

  // A job without a result.
  static Napi::Value PostTask(const Napi::CallbackInfo& info, const Trainer& trainer,
                              std::shared_ptr<CancelToken> cancel,
                              std::vector<Napi::Value> keep_alive,
                              std::function<void(const CancelToken&)> task) {
    return PostJob<bool>(
        info.Env(), {trainer->spec().device, std::move(cancel), std::move(keep_alive)},
        [=](JobContext& context) {
          task(context.cancel);
          return true;
        },
        [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  }

  // climb()
  static Napi::Value Climb(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] {
      const Trainer trainer = Of(info);
      return PostTask(info, trainer, nullptr, {}, [=](const CancelToken&) { trainer->Climb(); });
    });
  }

  // update(learningRate)
  static Napi::Value Update(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] {
      const Trainer trainer = Of(info);
      const double rate = info[0].As<Napi::Number>().DoubleValue();
      return PostJob<double>(
          info.Env(), {trainer->spec().device, nullptr},
          [=](JobContext&) { return trainer->Update(rate); },
          [](Napi::Env env, double& norm) -> Napi::Value {
            Napi::Object result = Napi::Object::New(env);
            result.Set("gradNorm", norm);
            return result;
          });
    });
  }

  // saveState(path)
  static Napi::Value SaveState(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] {
      const Trainer trainer = Of(info);
      return PostTask(info, trainer, nullptr, {},
                      [=, path = PathOf(info)](const CancelToken&) { trainer->SaveState(path); });
    });
  }

  // restoreState(path, token)
  static Napi::Value RestoreState(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] {
      const Trainer trainer = Of(info);
      return PostTask(info, trainer, CancelTokenOf(info[1]), {},
                      [=, path = PathOf(info)](const CancelToken& cancel) {
                        trainer->RestoreState(path, cancel);
                      });
    });
  }

  // saveModel(path, dtype), and the like
  template <void (T::*Save)(const std::filesystem::path&, at::ScalarType) const>
  static Napi::Value SaveWeights(const Napi::CallbackInfo& info) {
    return Guarded(info.Env(), [&] {
      const Trainer trainer = Of(info);
      const at::ScalarType dtype = ParseDtype(info[1].As<Napi::String>().Utf8Value());
      return PostTask(info, trainer, nullptr, {}, [=, path = PathOf(info)](const CancelToken&) {
        (trainer.get()->*Save)(path, dtype);
      });
    });
  }
};

}  // namespace deepcode::binding
