// Losses as functions, for comparison with a reference and for use outside of the trainer.
#include <ATen/ATen.h>
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/register.h"
#include "losses/differentiate.h"
#include "losses/single_center.h"

namespace deepcode::binding {
namespace {

struct FloatView {
  const float* data;
  int64_t size;
};

FloatView FloatsOf(const Napi::Value& value) {
  const Napi::Float32Array array = value.As<Napi::Float32Array>();
  return {array.Data(), static_cast<int64_t>(array.ElementLength())};
}

// Borrowed for the job.
at::Tensor Rows(const FloatView& floats, int64_t rows) {
  return at::from_blob(const_cast<float*>(floats.data), {rows, floats.size / rows},
                       at::TensorOptions(at::kFloat));
}

at::Tensor Classes(const ByteView& labels) {
  return at::from_blob(const_cast<uint8_t*>(labels.data), {static_cast<int64_t>(labels.size)},
                       at::TensorOptions(at::kByte))
      .to(at::kLong);
}

void CheckRows(Napi::Env env, const FloatView& features, int64_t count) {
  if (count > 0 && features.size % count == 0) return;
  throw Napi::RangeError::New(env, "Expected one row of features a label, at least one.");
}

Napi::Value ResultToJs(Napi::Env env, Differentiated& result) {
  const auto floats = [&](const at::Tensor& tensor) {
    return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
  };
  Napi::Object object = Napi::Object::New(env);
  object.Set("loss", result.loss);
  object.Set("gradFeatures", floats(result.gradients[0]));
  object.Set("gradCenter", floats(result.gradients[1]));
  return object;
}

// singleCenterLoss(features, labels, center, {margin, scaledMargin, distance})
Napi::Value JsSingleCenterLoss(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const ByteView labels = Bytes(info[1], "labels");
    const auto count = static_cast<int64_t>(labels.size);
    const FloatView features = FloatsOf(info[0]), center = FloatsOf(info[2]);
    CheckRows(env, features, count);
    const Napi::Object options = info[3].As<Napi::Object>();
    const SingleCenterOptions parsed{
        .margin = NumberField(options, "margin"),
        .scaled_margin = BoolField(options, "scaledMargin"),
        .distance = ParseCenterDistance(StringField(options, "distance"))};
    return PostJob<Differentiated>(
        env, {at::kCPU, nullptr, {info[0], info[1], info[2]}},
        [=](JobContext&) {
          const at::Tensor classes = Classes(labels);
          return Differentiate({Rows(features, count), Rows(center, 1).squeeze(0)},
                               [&](const std::vector<at::Tensor>& inputs) {
                                 return SingleCenterLoss(inputs[0], classes, inputs[1], parsed);
                               });
        },
        ResultToJs);
  });
}

}  // namespace

void RegisterLoss(Napi::Env env, Napi::Object exports) {
  exports.Set("singleCenterLoss", Napi::Function::New(env, JsSingleCenterLoss));
}

}  // namespace deepcode::binding
