// imageUnpack, imageResample, imageResizeCrop, imageAffineCrop and imageAugment: pixel work on the
// libuv pool. It is short, bounded by the pixel limit, and calls nothing of libtorch, so it may run beside the
// compute threads.
#include <napi.h>

#include <functional>
#include <utility>
#include <vector>

#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/image_steps.h"
#include "binding/pool_job.h"
#include "binding/register.h"
#include "image/affine_crop.h"
#include "image/geometry.h"
#include "image/unpack.h"

namespace deepcode::binding {
namespace {

struct Pixels {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> data;
};

// Below this a copy into V8's own memory is cheaper than an external buffer and its finalizer.
constexpr size_t kCopyBytes = 1 << 20;

Napi::Value ToBuffer(Napi::Env env, std::vector<uint8_t> data) {
  if (data.size() <= kCopyBytes) return Napi::Buffer<uint8_t>::Copy(env, data.data(), data.size());
  auto* owner = new std::vector<uint8_t>(std::move(data));
  return Napi::Buffer<uint8_t>::NewOrCopy(
      env, owner->data(), owner->size(),
      [](Napi::Env, uint8_t*, std::vector<uint8_t>* vector) { delete vector; }, owner);
}

Napi::Value ToJs(Napi::Env env, Pixels& pixels) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("width", pixels.width);
  result.Set("height", pixels.height);
  result.Set("data", ToBuffer(env, std::move(pixels.data)));
  return result;
}

// Runs `work` while the first argument is kept alive, and resolves to {width, height, data}.
Napi::Value Post(const Napi::CallbackInfo& info, std::function<Pixels()> work) {
  return PostPoolJob<Pixels>(info.Env(), "deepcode:image", {info[0]}, std::move(work), ToJs);
}

int Int(const Napi::Object& options, const char* name) {
  return static_cast<int>(IntField(options, name));
}

Pixels ToPixels(RgbImage image) {
  return {image.width, image.height, std::move(image.pixels)};
}

// The first argument as width x height x channels samples, which the options give.
ImageView InputView(const Napi::CallbackInfo& info, const Napi::Object& options, int channels) {
  const ByteView bytes = Bytes(info[0], "pixels");
  const ImageView view = {bytes.data, Int(options, "sourceWidth"), Int(options, "sourceHeight"),
                          channels};
  const double expected = static_cast<double>(view.width) * view.height * channels;
  if (view.width <= 0 || view.height <= 0 || expected != static_cast<double>(bytes.size)) {
    throw Napi::RangeError::New(info.Env(), "Expected sourceWidth x sourceHeight pixels.");
  }
  return view;
}

ResampleWindow WindowField(const Napi::Object& options, const char* name) {
  const Napi::Object window = ObjectField(options, name);
  return {Int(window, "left"), Int(window, "top"), Int(window, "width"), Int(window, "height")};
}

ResampleBox BoxField(const Napi::Object& options) {
  const Napi::Object box = ObjectField(options, "box");
  const auto edge = [&box](const char* name) { return static_cast<float>(NumberField(box, name)); };
  return {edge("left"), edge("top"), edge("right"), edge("bottom")};
}

Napi::Value ImageUnpack(const Napi::CallbackInfo& info) {
  const Napi::Object options = info[1].As<Napi::Object>();
  const ByteView bytes = Bytes(info[0], "pixels");
  const RawImage raw = {bytes.data,
                        bytes.size,
                        Int(options, "sourceWidth"),
                        Int(options, "sourceHeight"),
                        LayoutField(options, "layout"),
                        DepthField(options, "depth")};
  return Post(info, [raw, orientation = Int(options, "orientation")] {
    return ToPixels(UnpackRgb(raw, orientation));
  });
}

Napi::Value ImageResample(const Napi::CallbackInfo& info) {
  const Napi::Object options = info[1].As<Napi::Object>();
  const ImageView view = InputView(info, options, Int(options, "channels"));
  const ResampleSpec spec = {FilterField(options, "filter"), Int(options, "width"),
                             Int(options, "height"), BoxField(options),
                             WindowField(options, "window")};
  return Post(info, [view, spec] {
    const auto samples = static_cast<size_t>(spec.window.width) *
                         static_cast<size_t>(spec.window.height) *
                         static_cast<size_t>(view.channels);
    Pixels out = {spec.window.width, spec.window.height, std::vector<uint8_t>(samples)};
    Resample(view, spec, out.data.data());
    return out;
  });
}

Napi::Value ImageResizeCrop(const Napi::CallbackInfo& info) {
  const Napi::Object options = info[1].As<Napi::Object>();
  const ImageView view = InputView(info, options, RgbImage::kChannels);
  ResizeCrop spec = {FilterField(options, "filter"), Int(options, "width"), Int(options, "height"),
                     WindowField(options, "crop"), {}};
  const std::vector<double> fill = NumberArrayField(options, "fill");
  for (size_t c = 0; c < spec.fill.size(); ++c) spec.fill[c] = static_cast<uint8_t>(fill.at(c));
  return Post(info, [view, spec] { return ToPixels(ResizedAndCropped(view, spec)); });
}

Napi::Value ImageAffineCrop(const Napi::CallbackInfo& info) {
  const Napi::Object options = info[1].As<Napi::Object>();
  const ImageView view = InputView(info, options, RgbImage::kChannels);
  AffineCrop crop = {{}, Int(options, "width"), Int(options, "height"), {}};
  const std::vector<double> matrix = NumberArrayField(options, "matrix");
  for (size_t i = 0; i < crop.matrix.size(); ++i) crop.matrix[i] = matrix.at(i);
  const std::vector<double> fill = NumberArrayField(options, "fill");
  for (size_t c = 0; c < crop.fill.size(); ++c) crop.fill[c] = static_cast<uint8_t>(fill.at(c));
  return Post(info, [view, crop] { return ToPixels(CropAffine(view, crop)); });
}

Napi::Value ImageAugment(const Napi::CallbackInfo& info) {
  const Napi::Object options = info[1].As<Napi::Object>();
  const ImageView view = InputView(info, options, RgbImage::kChannels);
  auto steps = ParseImageSteps(Field(options, "steps").As<Napi::Array>());
  return Post(info, [view, steps = std::move(steps)] {
    RgbImage image(view.width, view.height);
    image.pixels.assign(view.data, view.data + image.pixels.size());
    Augment(steps, image);
    return ToPixels(std::move(image));
  });
}

}  // namespace

void RegisterImage(Napi::Env env, Napi::Object exports) {
  exports.Set("imageUnpack", Napi::Function::New(env, ImageUnpack));
  exports.Set("imageResample", Napi::Function::New(env, ImageResample));
  exports.Set("imageResizeCrop", Napi::Function::New(env, ImageResizeCrop));
  exports.Set("imageAffineCrop", Napi::Function::New(env, ImageAffineCrop));
  exports.Set("imageAugment", Napi::Function::New(env, ImageAugment));
}

}  // namespace deepcode::binding
