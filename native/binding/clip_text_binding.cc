// clipTextLoad and the NativeClipText it gives.
#include <napi.h>

#include "binding/async.h"
#include "binding/clip_arguments.h"
#include "binding/convert.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/prompt_encoder.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kClipTextTag = {0x51c2e8a04b7f4d19ULL, 0x8e3d6f92ab05c174ULL};

Napi::Value OutputToJs(Napi::Env env, ClipText::Output& output) {
  const auto floats = [&](const at::Tensor& tensor) {
    return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
  };
  Napi::Object result = Napi::Object::New(env);
  result.Set("lastHidden", floats(output.last_hidden));
  result.Set("pooled", floats(output.pooled));
  return result;
}

// forward(ids, count, skippedLayers, token)
Napi::Value Forward(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto encoder = Handle<PromptEncoder>::Get(info.This(), kClipTextTag);
    const at::Tensor ids = ReadTokenIds(info[0], info[1]);
    const int64_t skipped = info[2].As<Napi::Number>().Int64Value();
    return PostJob<ClipText::Output>(
        env, {encoder->spec().device, CancelTokenOf(info[3])},
        [=](JobContext& context) { return encoder->Encode(ids, skipped, context.cancel); },
        OutputToJs);
  });
}

Napi::Value ClipTextLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Napi::Object object = info[0].As<Napi::Object>();
    const PromptEncoderSpec spec{.clip_text = ReadClipTextOptions(ObjectField(object, "clipText")),
                                 .weights = StringField(object, "weights"),
                                 .device = ParseDevice(StringField(object, "device")),
                                 .dtype = ParseDtype(StringField(object, "dtype"))};
    return PostJob<std::shared_ptr<PromptEncoder>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return PromptEncoder::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<PromptEncoder>& encoder) -> Napi::Value {
          Napi::Object handle =
              Handle<PromptEncoder>::Wrap(env, encoder, encoder->memory_bytes(), kClipTextTag);
          handle.Set("forward", Napi::Function::New(env, Forward));
          return handle;
        });
  });
}

}  // namespace

void RegisterClipText(Napi::Env env, Napi::Object exports) {
  exports.Set("clipTextLoad", Napi::Function::New(env, ClipTextLoad));
}

}  // namespace deepcode::binding
