// textToImageLoad and the NativeTextToImage it gives.
#include <napi.h>

#include <ATen/ATen.h>

#include <cstring>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/text_to_image_arguments.h"
#include "pipelines/text_to_image.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kTextToImageTag = {0x9b3e61d2f7084ca5ULL, 0x4d8f10c96ae27b35ULL};

Napi::Value ToBytes(Napi::Env env, const at::Tensor& bytes) {
  const auto size = static_cast<size_t>(bytes.numel());
  Napi::Uint8Array array = Napi::Uint8Array::New(env, size);
  if (size > 0) std::memcpy(array.Data(), bytes.const_data_ptr<uint8_t>(), size);
  return array;
}

Napi::Value ToJs(Napi::Env env, const TextToImageResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("images", ToBytes(env, result.images));
  object.Set("latents", ToFloat32Array(env, result.latents.const_data_ptr<float>(),
                                       result.latents.numel()));
  return object;
}

// Hands (step, total, preview or undefined) to the JS listener.
StepListener Reporter(const JobContext& context) {
  return [&context](int64_t step, int64_t total, const at::Tensor& preview) {
    context.report([=](Napi::Env env) -> std::vector<napi_value> {
      return {Napi::Number::New(env, static_cast<double>(step)),
              Napi::Number::New(env, static_cast<double>(total)),
              preview.defined() ? ToBytes(env, preview) : env.Undefined()};
    });
  };
}

// generate(request, onStep, token)
Napi::Value Generate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto pipeline = Handle<TextToImage>::Get(info.This(), kTextToImageTag);
    const auto request = std::make_shared<const TextToImageRequest>(
        ReadTextToImageRequest(info[0].As<Napi::Object>(), pipeline->spec()));
    return PostJob<TextToImageResult>(
        env,
        {.device = pipeline->spec().device,
         .cancel = CancelTokenOf(info[2]),
         .keep_alive = {info[0]},
         .on_progress = info[1]},
        [=](JobContext& context) {
          return pipeline->Generate(*request, Reporter(context), context.cancel);
        },
        [](Napi::Env env, TextToImageResult& result) { return ToJs(env, result); });
  });
}

Napi::Object WrapTextToImage(Napi::Env env, const std::shared_ptr<TextToImage>& pipeline) {
  Napi::Object object =
      Handle<TextToImage>::Wrap(env, pipeline, pipeline->memory_bytes(), kTextToImageTag);
  object.Set("parameterCount", static_cast<double>(pipeline->parameter_count()));
  object.Set("generate", Napi::Function::New(env, Generate));
  return object;
}

Napi::Value TextToImageLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const TextToImageSpec spec = ReadTextToImageSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<TextToImage>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return TextToImage::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<TextToImage>& pipeline) -> Napi::Value {
          return WrapTextToImage(env, pipeline);
        });
  });
}

}  // namespace

void RegisterTextToImage(Napi::Env env, Napi::Object exports) {
  exports.Set("textToImageLoad", Napi::Function::New(env, TextToImageLoad));
}

}  // namespace deepcode::binding
