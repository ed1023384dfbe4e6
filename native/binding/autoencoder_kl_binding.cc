// autoencoderKlLoad and the NativeAutoencoderKl it gives.
#include <napi.h>

#include "binding/async.h"
#include "binding/autoencoder_kl_arguments.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/latent_codec.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kCodecTag = {0x19c6e0f2a8374bd5ULL, 0x935d7b41ce08f62aULL};

LatentCodecSpec ReadSpec(const Napi::Object& object) {
  return {.vae = ReadAutoencoderKlOptions(ObjectField(object, "vae")),
          .weights = StringField(object, "weights"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype")),
          .batch_size = IntField(object, "batchSize"),
          .height = IntField(object, "height"),
          .width = IntField(object, "width")};
}

using Coding = at::Tensor (LatentCodec::*)(const at::Tensor&, const VaeTiling&, const CancelToken&);

// encode(map, tiling, token) and decode(map, tiling, token)
template <Coding coding>
Napi::Value Code(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto codec = Handle<LatentCodec>::Get(info.This(), kCodecTag);
    const AutoencoderKlOptions& vae = codec->spec().vae;
    const Napi::Object object = info[0].As<Napi::Object>();
    const Napi::Value data = Field(object, "data");
    const int64_t channels = coding == &LatentCodec::Encode ? vae.in_channels : vae.latent_channels;
    const at::Tensor map = FloatTensor(
        data, "data", {IntField(object, "count"), channels, IntField(object, "height"), IntField(object, "width")});
    const VaeTiling tiling = ReadVaeTiling(info[1].As<Napi::Object>());
    return PostJob<at::Tensor>(
        env, {codec->spec().device, CancelTokenOf(info[2]), {data}},
        [=](JobContext& context) { return (codec.get()->*coding)(map, tiling, context.cancel); },
        [](Napi::Env env, at::Tensor& result) -> Napi::Value { return FloatsOf(env, result); });
  });
}

Napi::Value AutoencoderKlLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const LatentCodecSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<LatentCodec>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return LatentCodec::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<LatentCodec>& codec) -> Napi::Value {
          Napi::Object handle = Handle<LatentCodec>::Wrap(env, codec, codec->memory_bytes(), kCodecTag);
          handle.Set("encode", Napi::Function::New(env, Code<&LatentCodec::Encode>));
          handle.Set("decode", Napi::Function::New(env, Code<&LatentCodec::Decode>));
          return handle;
        });
  });
}

}  // namespace

void RegisterAutoencoderKl(Napi::Env env, Napi::Object exports) {
  exports.Set("autoencoderKlLoad", Napi::Function::New(env, AutoencoderKlLoad));
}

}  // namespace deepcode::binding
