// deepFaceLoad and the NativeDeepFace it gives.
#include <napi.h>

#include <string>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/deepface_attributes.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kDeepFaceTag = {0x6f1d93c2b80e4a75ULL, 0x97ab25e4c1380fd6ULL};

DeepFaceSpec ReadSpec(const Napi::Object& object) {
  const auto path = [&](const char* name) {
    return HasField(object, name) ? StringField(object, name) : std::string();
  };
  return {.age = path("age"),
          .gender = path("gender"),
          .race = path("race"),
          .emotion = path("emotion"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

std::vector<FacePicture> ReadPictures(const Napi::Value& pixels, const Napi::Object& sizes) {
  const ByteView bytes = Bytes(pixels, "pixels");
  const std::vector<double> widths = NumberArrayField(sizes, "widths");
  const std::vector<double> heights = NumberArrayField(sizes, "heights");
  std::vector<FacePicture> pictures;
  size_t offset = 0;
  for (size_t i = 0; i < widths.size() && i < heights.size(); ++i) {
    const auto width = static_cast<int64_t>(widths[i]), height = static_cast<int64_t>(heights[i]);
    if (width < 1 || height < 1) break;
    pictures.push_back({bytes.data + offset, height, width});
    offset += static_cast<size_t>(width * height * 3);
  }
  const bool complete = pictures.size() == widths.size() && widths.size() == heights.size();
  if (!pictures.empty() && complete && offset == bytes.size) return pictures;
  throw Napi::RangeError::New(pixels.Env(), "Expected width x height x 3 bytes for each picture.");
}

// read(pixels, {widths, heights}, token)
Napi::Value Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto network = Handle<DeepFaceAttributes>::Get(info.This(), kDeepFaceTag);
    const std::vector<FacePicture> pictures = ReadPictures(info[0], info[1].As<Napi::Object>());
    return PostJob<Attributes>(
        env, {network->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return network->Read(pictures, context.cancel); },
        NamedFloatsOf);
  });
}

Napi::Value DeepFaceLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const DeepFaceSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<DeepFaceAttributes>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return DeepFaceAttributes::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<DeepFaceAttributes>& network) -> Napi::Value {
          Napi::Object handle = Handle<DeepFaceAttributes>::Wrap(
              env, network, network->memory_bytes(), kDeepFaceTag);
          handle.Set("read", Napi::Function::New(env, Read));
          handle.Set("trunks", static_cast<double>(network->trunks()));
          return handle;
        });
  });
}

}  // namespace

void RegisterDeepFace(Napi::Env env, Napi::Object exports) {
  exports.Set("deepFaceLoad", Napi::Function::New(env, DeepFaceLoad));
}

}  // namespace deepcode::binding
