// faceAttributesLoad and the NativeFaceAttributes it gives.
#include <napi.h>

#include <string>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/face_attributes.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kFaceAttributesTag = {0x2a97c5e3f1084db6ULL, 0x8c3b60d7e5912fa4ULL};

std::vector<int64_t> ReadChannels(const Napi::Object& options) {
  const std::vector<double> values = NumberArrayField(options, "channels");
  return {values.begin(), values.end()};
}

AttributeOptions ReadNetwork(const Napi::Object& object) {
  const std::string network = StringField(object, "network");
  const Napi::Object options = ObjectField(object, "options");
  if (network == "gear") {
    return GearOptions{ReadChannels(options), IntField(options, "ageHidden"),
                       IntField(options, "genderHidden"), IntField(options, "raceHidden")};
  }
  if (network == "emotion") return MiniXceptionOptions{ReadChannels(options)};
  throw Napi::TypeError::New(object.Env(), "Expected gear or emotion for network");
}

FaceAttributesSpec ReadSpec(const Napi::Object& object) {
  return {.network = ReadNetwork(object),
          .weights = StringField(object, "weights"),
          .batch = IntField(object, "batchSize"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

ImageBatch ReadFaces(const Napi::Value& images, const Napi::Value& count,
                     const AttributeNetwork& network) {
  const ByteView bytes = Bytes(images, "images");
  const int64_t number = count.As<Napi::Number>().Int64Value();
  const int64_t each = network.image_size() * network.image_size() * network.image_channels();
  if (number >= 1 && bytes.size == static_cast<size_t>(number * each)) return {bytes.data, number};
  throw Napi::RangeError::New(images.Env(), "Expected " + std::to_string(each) +
                                                " bytes for each of " + std::to_string(number) +
                                                " images but received " +
                                                std::to_string(bytes.size) + " bytes");
}

// read(images, count, token)
Napi::Value Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto attributes = Handle<FaceAttributes>::Get(info.This(), kFaceAttributesTag);
    const ImageBatch images = ReadFaces(info[0], info[1], attributes->network());
    return PostJob<Attributes>(
        env, {attributes->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return attributes->Read(images, context.cancel); },
        NamedFloatsOf);
  });
}

Napi::Value FaceAttributesLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const FaceAttributesSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<FaceAttributes>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return FaceAttributes::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<FaceAttributes>& attributes) -> Napi::Value {
          Napi::Object handle = Handle<FaceAttributes>::Wrap(
              env, attributes, attributes->memory_bytes(), kFaceAttributesTag);
          handle.Set("read", Napi::Function::New(env, Read));
          return handle;
        });
  });
}

}  // namespace

void RegisterFaceAttributes(Napi::Env env, Napi::Object exports) {
  exports.Set("faceAttributesLoad", Napi::Function::New(env, FaceAttributesLoad));
}

}  // namespace deepcode::binding
