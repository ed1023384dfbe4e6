// unetLoad and the NativeUnet it gives.
#include <napi.h>

#include <vector>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/unet_arguments.h"
#include "pipelines/noise_predictor.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kUnetTag = {0x7d40b1e95c2f4a36ULL, 0xb8e1760f3d94c25aULL};

NoisePredictorSpec ReadSpec(const Napi::Object& object) {
  return {.unet = ReadUnetOptions(ObjectField(object, "unet")),
          .weights = StringField(object, "weights"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype")),
          .cuda_graphs = BoolField(object, "cudaGraphs"),
          .batch_size = IntField(object, "batchSize"),
          .height = IntField(object, "height"),
          .width = IntField(object, "width"),
          .tokens = IntField(object, "tokens")};
}

NoisePredictorInput ReadInput(const Napi::Object& object, const UnetOptions& unet) {
  const int64_t count = IntField(object, "count");
  NoisePredictorInput input{
      .latents = FloatTensor(Field(object, "latents"), "latents",
                             {count, unet.in_channels, IntField(object, "height"), IntField(object, "width")}),
      .timesteps = FloatTensor(Field(object, "timesteps"), "timesteps", {count}),
      .text = FloatTensor(Field(object, "text"), "text", {count, -1, unet.cross_attention_dim.front()}),
      .timestep_cond = {}};
  if (HasField(object, "timestepCond")) {
    input.timestep_cond =
        FloatTensor(Field(object, "timestepCond"), "timestepCond", {count, unet.time_cond_proj_dim});
  }
  return input;
}

std::vector<Napi::Value> ArraysOf(const Napi::Object& object) {
  std::vector<Napi::Value> arrays{object.Get("latents"), object.Get("timesteps"), object.Get("text")};
  if (HasField(object, "timestepCond")) arrays.push_back(object.Get("timestepCond"));
  return arrays;
}

// forward(input, token)
Napi::Value Forward(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto predictor = Handle<NoisePredictor>::Get(info.This(), kUnetTag);
    const Napi::Object object = info[0].As<Napi::Object>();
    const NoisePredictorInput input = ReadInput(object, predictor->spec().unet);
    return PostJob<at::Tensor>(
        env, {predictor->spec().device, CancelTokenOf(info[1]), ArraysOf(object)},
        [=](JobContext& context) { return predictor->Predict(input, context.cancel); },
        [](Napi::Env env, at::Tensor& noise) -> Napi::Value { return FloatsOf(env, noise); });
  });
}

// recorded(token)
Napi::Value Recorded(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto predictor = Handle<NoisePredictor>::Get(info.This(), kUnetTag);
    return PostJob<bool>(
        env, {predictor->spec().device, CancelTokenOf(info[0])},
        [=](JobContext&) { return predictor->recorded(); },
        [](Napi::Env env, bool& recorded) -> Napi::Value { return Napi::Boolean::New(env, recorded); });
  });
}

Napi::Value UnetLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const NoisePredictorSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<NoisePredictor>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return NoisePredictor::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<NoisePredictor>& predictor) -> Napi::Value {
          Napi::Object handle =
              Handle<NoisePredictor>::Wrap(env, predictor, predictor->memory_bytes(), kUnetTag);
          handle.Set("forward", Napi::Function::New(env, Forward));
          handle.Set("recorded", Napi::Function::New(env, Recorded));
          return handle;
        });
  });
}

}  // namespace

void RegisterUnet(Napi::Env env, Napi::Object exports) {
  exports.Set("unetLoad", Napi::Function::New(env, UnetLoad));
}

}  // namespace deepcode::binding
