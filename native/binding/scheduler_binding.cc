// makeScheduler and the NativeScheduler it gives: a sampler step by step, for comparison with a
// reference and for loops that the pipeline does not know.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/scheduler_arguments.h"
#include "schedulers/scheduler.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kSchedulerTag = {0x9c41f0a75e2b4d36ULL, 0xb8d2637f10ce4a95ULL};

using Shared = std::shared_ptr<Scheduler>;

// A copy of a Float32Array of `count` samples, or an undefined tensor for null.
at::Tensor Samples(const Napi::Value& value, int64_t count) {
  if (value.IsNull()) return {};
  const Napi::Float32Array array = value.As<Napi::Float32Array>();
  at::Tensor tensor = at::empty({static_cast<int64_t>(array.ElementLength())});
  std::copy_n(array.Data(), array.ElementLength(), tensor.mutable_data_ptr<float>());
  return tensor.view({count, -1});  // [N, D]
}

int64_t Integer(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }

// Posts `work`, which makes samples, and gives them out as a Float32Array.
Napi::Value PostSamples(Napi::Env env, std::function<at::Tensor()> work) {
  return PostJob<at::Tensor>(
      env, {at::kCPU, nullptr},
      [work = std::move(work)](JobContext&) {
        c10::InferenceMode inference;
        return work().contiguous();
      },
      [](Napi::Env env, at::Tensor& samples) -> Napi::Value {
        return ToFloat32Array(env, samples.const_data_ptr<float>(), samples.numel());
      });
}

Napi::Value PlanToJs(Napi::Env env, Shared& scheduler) {
  const std::vector<double>& timesteps = scheduler->timesteps();
  Napi::Array list = Napi::Array::New(env, timesteps.size());
  for (uint32_t i = 0; i < timesteps.size(); ++i) list.Set(i, timesteps[i]);
  Napi::Object plan = Napi::Object::New(env);
  plan.Set("timesteps", list);
  plan.Set("initNoiseSigma", scheduler->init_noise_sigma());
  return plan;
}

// setTimesteps(steps)
Napi::Value SetTimesteps(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Shared scheduler = Handle<Scheduler>::Get(info.This(), kSchedulerTag);
    const int64_t steps = Integer(info[0]);
    return PostJob<Shared>(
        env, {at::kCPU, nullptr},
        [=](JobContext&) {
          c10::InferenceMode inference;
          scheduler->SetTimesteps(steps);
          return scheduler;
        },
        PlanToJs);
  });
}

// scaleInput(sample, count, index)
Napi::Value ScaleInput(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Shared scheduler = Handle<Scheduler>::Get(info.This(), kSchedulerTag);
    const at::Tensor sample = Samples(info[0], Integer(info[1]));
    const int64_t index = Integer(info[2]);
    return PostSamples(env, [=] { return scheduler->ScaleInput(sample, index); });
  });
}

// step(modelOutput, sample, noise | null, count, index)
Napi::Value Step(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Shared scheduler = Handle<Scheduler>::Get(info.This(), kSchedulerTag);
    const int64_t count = Integer(info[3]);
    const at::Tensor output = Samples(info[0], count);
    const at::Tensor sample = Samples(info[1], count);
    const at::Tensor noise = Samples(info[2], count);
    const int64_t index = Integer(info[4]);
    const NoiseSource source = [noise](const at::Tensor&) {
      if (noise.defined()) return noise;
      throw Error(ErrorCode::kConfig, "This scheduler adds noise: pass noise to its step.");
    };
    return PostSamples(env, [=] { return scheduler->Step(output, index, sample, source); });
  });
}

// addNoise(original, noise, count, index)
Napi::Value AddNoise(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Shared scheduler = Handle<Scheduler>::Get(info.This(), kSchedulerTag);
    const int64_t count = Integer(info[2]);
    const at::Tensor original = Samples(info[0], count);
    const at::Tensor noise = Samples(info[1], count);
    const int64_t index = Integer(info[3]);
    return PostSamples(env, [=] { return scheduler->AddNoise(original, noise, index); });
  });
}

// firstIndex(steps, strength)
Napi::Value FirstIndex(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Shared scheduler = Handle<Scheduler>::Get(info.This(), kSchedulerTag);
    const double strength = info[1].As<Napi::Number>().DoubleValue();
    return Napi::Number::New(
        env, static_cast<double>(scheduler->FirstIndex(Integer(info[0]), strength)));
  });
}

Napi::Value WrapScheduler(Napi::Env env, Shared& scheduler) {
  Napi::Object object = Handle<Scheduler>::Wrap(env, scheduler, 0, kSchedulerTag);
  object.Set("setTimesteps", Napi::Function::New(env, SetTimesteps));
  object.Set("scaleInput", Napi::Function::New(env, ScaleInput));
  object.Set("step", Napi::Function::New(env, Step));
  object.Set("addNoise", Napi::Function::New(env, AddNoise));
  object.Set("firstIndex", Napi::Function::New(env, FirstIndex));
  return object;
}

Napi::Value JsMakeScheduler(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const SchedulerConfig config = ReadSchedulerConfig(info[0].As<Napi::Object>());
    return PostJob<Shared>(
        env, {at::kCPU, nullptr},
        [=](JobContext&) -> Shared {
          c10::InferenceMode inference;
          return MakeScheduler(config);
        },
        WrapScheduler);
  });
}

}  // namespace

void RegisterScheduler(Napi::Env env, Napi::Object exports) {
  exports.Set("makeScheduler", Napi::Function::New(env, JsMakeScheduler));
}

}  // namespace deepcode::binding
