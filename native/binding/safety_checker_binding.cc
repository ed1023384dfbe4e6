// safetyCheckerLoad and the NativeSafetyChecker it gives.
#include <napi.h>

#include <string>

#include "binding/async.h"
#include "binding/clip_arguments.h"
#include "binding/convert.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/image_safety.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kSafetyCheckerTag = {0xc4f17a2093be4e65ULL, 0x97d08b5c1e6fa342ULL};

ImageSafetySpec ReadSpec(const Napi::Object& object) {
  return {.safety_checker = ReadSafetyCheckerOptions(ObjectField(object, "safetyChecker")),
          .weights = StringField(object, "weights"),
          .mean = NumberArrayField(object, "mean"),
          .std = NumberArrayField(object, "std"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

ImageBatch ReadClipImages(const Napi::Value& images, const Napi::Value& count,
                          const ClipVisionOptions& vision) {
  const ByteView bytes = Bytes(images, "images");
  const int64_t number = count.As<Napi::Number>().Int64Value();
  const int64_t each = vision.image_size * vision.image_size * vision.num_channels;
  if (number >= 1 && bytes.size == static_cast<size_t>(number * each)) return {bytes.data, number};
  throw Napi::RangeError::New(images.Env(), "Expected " + std::to_string(each) +
                                                " bytes for each of " + std::to_string(number) +
                                                " images but received " +
                                                std::to_string(bytes.size) + " bytes");
}

Napi::Value ScoresToJs(Napi::Env env, SafetyChecker::Scores& scores) {
  const auto floats = [&](const at::Tensor& tensor) {
    return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
  };
  Napi::Object result = Napi::Object::New(env);
  result.Set("embeds", floats(scores.embeds));
  result.Set("concepts", floats(scores.concepts));
  result.Set("specialCares", floats(scores.special_cares));
  return result;
}

// check(images, count, token)
Napi::Value Check(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto safety = Handle<ImageSafety>::Get(info.This(), kSafetyCheckerTag);
    const ImageBatch images =
        ReadClipImages(info[0], info[1], safety->spec().safety_checker.vision);
    return PostJob<SafetyChecker::Scores>(
        env, {safety->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return safety->Check(images, context.cancel); }, ScoresToJs);
  });
}

Napi::Value SafetyCheckerLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const ImageSafetySpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<ImageSafety>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return ImageSafety::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<ImageSafety>& safety) -> Napi::Value {
          Napi::Object handle =
              Handle<ImageSafety>::Wrap(env, safety, safety->memory_bytes(), kSafetyCheckerTag);
          handle.Set("check", Napi::Function::New(env, Check));
          return handle;
        });
  });
}

}  // namespace

void RegisterSafetyChecker(Napi::Env env, Napi::Object exports) {
  exports.Set("safetyCheckerLoad", Napi::Function::New(env, SafetyCheckerLoad));
}

}  // namespace deepcode::binding
