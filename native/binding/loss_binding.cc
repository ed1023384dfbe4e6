// Losses as functions, for comparison with a reference and for use outside of the trainer.
#include <ATen/ATen.h>
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/register.h"
#include "losses/single_center.h"

namespace deepcode::binding {
namespace {

at::Tensor FloatsOf(const Napi::Value& value) {
  const Napi::Float32Array array = value.As<Napi::Float32Array>();
  at::Tensor tensor = at::empty({static_cast<int64_t>(array.ElementLength())});
  std::copy_n(array.Data(), array.ElementLength(), tensor.mutable_data_ptr<float>());
  return tensor;
}

Napi::Value ResultToJs(Napi::Env env, SingleCenterGradients& result) {
  const auto floats = [&](const at::Tensor& tensor) {
    return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
  };
  Napi::Object object = Napi::Object::New(env);
  object.Set("loss", result.loss);
  object.Set("gradFeatures", floats(result.features));
  object.Set("gradCenter", floats(result.center));
  return object;
}

// singleCenterLoss(features, labels, center, {margin, scaledMargin, distance})
Napi::Value JsSingleCenterLoss(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const ByteView bytes = Bytes(info[1], "labels");
    const at::Tensor labels =
        at::from_blob(const_cast<uint8_t*>(bytes.data), {static_cast<int64_t>(bytes.size)},
                      at::TensorOptions(at::kByte))
            .to(at::kLong);
    const at::Tensor center = FloatsOf(info[2]);
    const at::Tensor features = FloatsOf(info[0]).view({labels.size(0), -1});
    const Napi::Object options = info[3].As<Napi::Object>();
    const SingleCenterOptions parsed{
        .margin = NumberField(options, "margin"),
        .scaled_margin = BoolField(options, "scaledMargin"),
        .distance = ParseCenterDistance(StringField(options, "distance"))};
    return PostJob<SingleCenterGradients>(
        env, {at::kCPU, nullptr},
        [=](JobContext&) { return DifferentiateSingleCenter(features, labels, center, parsed); },
        ResultToJs);
  });
}

}  // namespace

void RegisterLoss(Napi::Env env, Napi::Object exports) {
  exports.Set("singleCenterLoss", Napi::Function::New(env, JsSingleCenterLoss));
}

}  // namespace deepcode::binding
