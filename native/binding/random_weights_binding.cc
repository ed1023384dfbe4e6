// unetRandomWeights, autoencoderKlRandomWeights, captionerRandomWeights and xceptionRandomWeights:
// (options, path, seed, token); vgg19RandomWeights: (path, seed, token).
#include <napi.h>

#include "binding/async.h"
#include "binding/autoencoder_kl_arguments.h"
#include "binding/convert.h"
#include "binding/gpt2_arguments.h"
#include "binding/register.h"
#include "binding/unet_arguments.h"
#include "binding/vit_arguments.h"
#include "binding/xception_arguments.h"
#include "pipelines/random_weights.h"

namespace deepcode::binding {
namespace {

CaptionNetworks ReadCaptionNetworks(const Napi::Object& object) {
  return {.encoder = ReadVitOptions(ObjectField(object, "encoder")),
          .decoder = ReadGpt2Options(ObjectField(object, "decoder"))};
}

template <class Options, Options (*Read)(const Napi::Object&),
          void (*Write)(const Options&, const std::string&, uint64_t, const CancelToken&)>
Napi::Value RandomWeights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Options options = Read(info[0].As<Napi::Object>());
    const std::string path = info[1].As<Napi::String>().Utf8Value();
    const auto seed = static_cast<uint64_t>(info[2].As<Napi::Number>().DoubleValue());
    return PostJob<bool>(
        env, {c10::Device(c10::kCPU), CancelTokenOf(info[3])},
        [=](JobContext& context) {
          Write(options, path, seed, context.cancel);
          return true;
        },
        [](Napi::Env env, bool&) { return env.Undefined(); });
  });
}

Napi::Value Vgg19RandomWeights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const std::string path = info[0].As<Napi::String>().Utf8Value();
    const auto seed = static_cast<uint64_t>(info[1].As<Napi::Number>().DoubleValue());
    return PostJob<bool>(
        env, {c10::Device(c10::kCPU), CancelTokenOf(info[2])},
        [=](JobContext& context) {
          WriteRandomVgg19(path, seed, context.cancel);
          return true;
        },
        [](Napi::Env env, bool&) { return env.Undefined(); });
  });
}

}  // namespace

void RegisterRandomWeights(Napi::Env env, Napi::Object exports) {
  exports.Set("unetRandomWeights",
              Napi::Function::New(
                  env, RandomWeights<UnetOptions, ReadUnetOptions, WriteRandomUnet>));
  exports.Set("autoencoderKlRandomWeights",
              Napi::Function::New(env, RandomWeights<AutoencoderKlOptions, ReadAutoencoderKlOptions,
                                                     WriteRandomAutoencoderKl>));
  exports.Set("captionerRandomWeights",
              Napi::Function::New(
                  env, RandomWeights<CaptionNetworks, ReadCaptionNetworks, WriteRandomCaptioner>));
  exports.Set("xceptionRandomWeights",
              Napi::Function::New(
                  env, RandomWeights<XceptionOptions, ReadXceptionOptions, WriteRandomXception>));
  exports.Set("vgg19RandomWeights", Napi::Function::New(env, Vgg19RandomWeights));
}

}  // namespace deepcode::binding
