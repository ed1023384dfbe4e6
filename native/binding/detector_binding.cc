// detectorLoad and the NativeDetector it gives.
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/xception_arguments.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/vit_arguments.h"
#include "pipelines/detector.h"
#include "runtime/device.h"
#include "runtime/error.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kDetectorTag = {0x2f0d1c7be6a94c58ULL, 0xa7315b9e04d26f83ULL};

Napi::Value Floats(Napi::Env env, const at::Tensor& tensor) {
  return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
}

VitNetworkSpec ReadVitNetwork(const Napi::Object& object) {
  VitNetworkSpec spec{.vit = ReadVitOptions(ObjectField(object, "vit")), .adapters = {}};
  const Napi::Array adapters = Field(object, "adapters").As<Napi::Array>();
  for (uint32_t i = 0; i < adapters.Length(); ++i) {
    const Napi::Object adapter = adapters.Get(i).As<Napi::Object>();
    spec.adapters.push_back({StringField(adapter, "weights"), ReadAdapterOptions(adapter)});
  }
  return spec;
}

DetectorNetworkSpec ReadNetwork(const Napi::Object& object) {
  const std::string kind = StringField(object, "kind");
  if (kind == "vit") return ReadVitNetwork(object);
  if (kind == "fair") return ReadFairDetectorOptions(ObjectField(object, "fair"));
  if (kind == "xception") {
    return XceptionNetworkSpec{.xception = ReadXceptionOptions(ObjectField(object, "xception")),
                               .image_height = IntField(object, "imageHeight"),
                               .image_width = IntField(object, "imageWidth")};
  }
  throw Error(ErrorCode::kConfig, "Expected vit, xception or fair for the network's kind.");
}

DetectorSpec ReadSpec(const Napi::Object& object) {
  return {.network = ReadNetwork(ObjectField(object, "network")),
          .weights = StringField(object, "weights"),
          .num_logits = IntField(object, "numLogits"),
          .mean = NumberArrayField(object, "mean"),
          .std = NumberArrayField(object, "std"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype")),
          .batch_size = IntField(object, "batchSize"),
          .flip_average = BoolField(object, "flipAverage")};
}

Napi::Value Forward(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto detector = Handle<Detector>::Get(info.This(), kDetectorTag);
    const ImageBatch images = ReadImages(info[0], info[1], detector->image());
    return PostJob<DetectorScores>(
        env, {detector->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return detector->Score(images, context.cancel); },
        [](Napi::Env env, DetectorScores& scores) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("logits", Floats(env, scores.logits));
          result.Set("features", Floats(env, scores.features));
          return result;
        });
  });
}

Napi::Value Heatmap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto detector = Handle<Detector>::Get(info.This(), kDetectorTag);
    const ImageBatch images = ReadImages(info[0], info[1], detector->image());
    const double direction = info[2].As<Napi::Number>().DoubleValue();
    return PostJob<at::Tensor>(
        env, {detector->spec().device, CancelTokenOf(info[3]), {info[0]}},
        [=](JobContext& context) { return detector->Heatmap(images, direction, context.cancel); },
        [](Napi::Env env, at::Tensor& map) { return Floats(env, map); });
  });
}

Napi::Object WrapDetector(Napi::Env env, const std::shared_ptr<Detector>& detector) {
  Napi::Object object =
      Handle<Detector>::Wrap(env, detector, detector->memory_bytes(), kDetectorTag);
  object.Set("parameterCount", static_cast<double>(detector->parameter_count()));
  const FeatureSize grid = detector->grid();
  object.Set("gridRows", static_cast<double>(grid.height));
  object.Set("gridColumns", static_cast<double>(grid.width));
  object.Set("forward", Napi::Function::New(env, Forward));
  object.Set("heatmap", Napi::Function::New(env, Heatmap));
  return object;
}

Napi::Value DetectorLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const DetectorSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<Detector>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return Detector::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<Detector>& detector) -> Napi::Value {
          return WrapDetector(env, detector);
        });
  });
}

}  // namespace

void RegisterDetector(Napi::Env env, Napi::Object exports) {
  exports.Set("detectorLoad", Napi::Function::New(env, DetectorLoad));
}

}  // namespace deepcode::binding
