// blazeFaceLoad, mtcnnLoad and the NativeBlazeFace and NativeMtcnn they give.
#include <napi.h>

#include <string>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/blazeface_detector.h"
#include "pipelines/mtcnn_detector.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kBlazeFaceTag = {0x5d0c8e1fa2b94c37ULL, 0xb6e4127d90fa3c58ULL};
constexpr napi_type_tag kMtcnnTag = {0x91e6b03d7c5f4a28ULL, 0xad274f8b0c63e915ULL};

using FacesOfImages = std::vector<std::vector<FaceBox>>;

BlazeFaceSpec ReadSpec(const Napi::Object& object) {
  const Napi::Object options = ObjectField(object, "blazeface");
  return {.blazeface = {IntField(options, "narrow"), IntField(options, "middle"),
                        IntField(options, "wide")},
          .weights = StringField(object, "weights"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

ImageBatch ReadImages(const Napi::Value& images, const Napi::Value& count) {
  constexpr int64_t kBytes = BlazeFace::kImageSize * BlazeFace::kImageSize * 3;
  const ByteView bytes = Bytes(images, "images");
  const int64_t number = count.As<Napi::Number>().Int64Value();
  if (number >= 1 && bytes.size == static_cast<size_t>(number * kBytes)) {
    return {bytes.data, number};
  }
  throw Napi::RangeError::New(images.Env(), "Expected 256 x 256 x 3 bytes for each image.");
}

// score, left, top, right, bottom, then x and y of each point.
Napi::Float32Array FaceToJs(Napi::Env env, const FaceBox& face) {
  std::vector<float> row = {face.score, face.left, face.top, face.right, face.bottom};
  for (const FacePoint& point : face.points) row.insert(row.end(), {point.x, point.y});
  return ToFloat32Array(env, row.data(), row.size());
}

Napi::Value FacesToJs(Napi::Env env, std::vector<FaceBox>& faces) {
  Napi::Array result = Napi::Array::New(env, faces.size());
  for (uint32_t i = 0; i < faces.size(); ++i) result.Set(i, FaceToJs(env, faces[i]));
  return result;
}

Napi::Value ImagesToJs(Napi::Env env, FacesOfImages& images) {
  Napi::Array result = Napi::Array::New(env, images.size());
  for (uint32_t n = 0; n < images.size(); ++n) result.Set(n, FacesToJs(env, images[n]));
  return result;
}

// detect(images, count, {scoreThreshold, overlapThreshold}, token)
Napi::Value Detect(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto detector = Handle<BlazeFaceDetector>::Get(info.This(), kBlazeFaceTag);
    const ImageBatch images = ReadImages(info[0], info[1]);
    const Napi::Object options = info[2].As<Napi::Object>();
    const FaceThresholds thresholds{static_cast<float>(NumberField(options, "scoreThreshold")),
                                    static_cast<float>(NumberField(options, "overlapThreshold"))};
    return PostJob<FacesOfImages>(
        env, {detector->spec().device, CancelTokenOf(info[3]), {info[0]}},
        [=](JobContext& context) { return detector->Detect(images, thresholds, context.cancel); },
        ImagesToJs);
  });
}

// forward(images, count, token)
Napi::Value Forward(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto detector = Handle<BlazeFaceDetector>::Get(info.This(), kBlazeFaceTag);
    const ImageBatch images = ReadImages(info[0], info[1]);
    return PostJob<BlazeFace::Output>(
        env, {detector->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return detector->Forward(images, context.cancel); },
        [](Napi::Env env, BlazeFace::Output& output) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("scores", FloatsOf(env, output.scores));
          result.Set("values", FloatsOf(env, output.values));
          return result;
        });
  });
}

Napi::Value BlazeFaceLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const BlazeFaceSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<BlazeFaceDetector>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return BlazeFaceDetector::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<BlazeFaceDetector>& detector) -> Napi::Value {
          Napi::Object handle = Handle<BlazeFaceDetector>::Wrap(
              env, detector, detector->memory_bytes(), kBlazeFaceTag);
          handle.Set("detect", Napi::Function::New(env, Detect));
          handle.Set("forward", Napi::Function::New(env, Forward));
          return handle;
        });
  });
}

MtcnnSpec ReadMtcnnSpec(const Napi::Object& object) {
  return {.proposal = StringField(object, "proposal"),
          .refine = StringField(object, "refine"),
          .output = StringField(object, "output"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

MtcnnImage ReadImage(const Napi::Value& pixels, const Napi::Object& options) {
  const ByteView bytes = Bytes(pixels, "pixels");
  const MtcnnImage image{bytes.data, IntField(options, "height"), IntField(options, "width")};
  if (image.height > 0 && image.width > 0 &&
      bytes.size == static_cast<size_t>(image.height * image.width * 3)) {
    return image;
  }
  throw Napi::RangeError::New(pixels.Env(), "Expected height x width x 3 bytes.");
}

// detect(pixels, {width, height, minFace, scaleFactor, thresholds}, token)
Napi::Value MtcnnDetect(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto detector = Handle<MtcnnDetector>::Get(info.This(), kMtcnnTag);
    const Napi::Object object = info[1].As<Napi::Object>();
    const MtcnnImage image = ReadImage(info[0], object);
    const MtcnnOptions options{IntField(object, "minFace"), NumberField(object, "scaleFactor"),
                               NumberArrayField(object, "thresholds")};
    return PostJob<std::vector<FaceBox>>(
        env, {detector->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return detector->Detect(image, options, context.cancel); },
        FacesToJs);
  });
}

Napi::Value MtcnnLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const MtcnnSpec spec = ReadMtcnnSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<MtcnnDetector>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return MtcnnDetector::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<MtcnnDetector>& detector) -> Napi::Value {
          Napi::Object handle =
              Handle<MtcnnDetector>::Wrap(env, detector, detector->memory_bytes(), kMtcnnTag);
          handle.Set("detect", Napi::Function::New(env, MtcnnDetect));
          return handle;
        });
  });
}

}  // namespace

void RegisterFaceDetector(Napi::Env env, Napi::Object exports) {
  exports.Set("blazeFaceLoad", Napi::Function::New(env, BlazeFaceLoad));
  exports.Set("mtcnnLoad", Napi::Function::New(env, MtcnnLoad));
}

}  // namespace deepcode::binding
