// The losses of the fairness-aware detector as functions. The JS side is typed in
// ts/native/losses.ts.
#include <ATen/ATen.h>
#include <napi.h>

#include <functional>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/fairness_arguments.h"
#include "binding/float_tensor.h"
#include "binding/register.h"
#include "losses/bilevel_cvar.h"
#include "losses/contrastive.h"
#include "losses/differentiate.h"
#include "losses/ldam.h"
#include "losses/reconstruction.h"

namespace deepcode::binding {
namespace {

using Tensors = std::vector<at::Tensor>;

// A copy of a Uint8Array as int64.
at::Tensor Indices(const Napi::Value& value, const char* name) {
  const ByteView bytes = Bytes(value, name);
  return at::from_blob(const_cast<uint8_t*>(bytes.data), {static_cast<int64_t>(bytes.size)},
                       at::TensorOptions(at::kByte))
      .to(at::kLong);
}

Napi::Value ToJs(Napi::Env env, Differentiated& result) {
  Napi::Array gradients = Napi::Array::New(env, result.gradients.size());
  for (uint32_t i = 0; i < result.gradients.size(); ++i) {
    gradients.Set(i, FloatsOf(env, result.gradients[i]));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("loss", result.loss);
  object.Set("gradients", gradients);
  return object;
}

// `inputs` are views of arrays that `keep_alive` holds.
Napi::Value PostLoss(Napi::Env env, std::vector<Napi::Value> keep_alive, Tensors inputs,
                     std::function<at::Tensor(const Tensors&)> loss) {
  return PostJob<Differentiated>(
      env, {at::kCPU, nullptr, std::move(keep_alive)},
      [=](JobContext&) { return Differentiate(inputs, loss); }, ToJs);
}

// ldamLoss(logits, labels, {classCounts, maxMargin, scale})
Napi::Value JsLdamLoss(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const at::Tensor labels = Indices(info[1], "labels");
    const Napi::Object object = info[2].As<Napi::Object>();
    const LdamOptions options = ReadLdamOptions(object);
    const auto classes = static_cast<int64_t>(options.class_counts.size());
    const at::Tensor logits = FloatTensor(info[0], "logits", {labels.numel(), classes});
    return PostLoss(info.Env(), {info[0]}, {logits}, [=](const Tensors& inputs) {
      return LdamLoss(inputs[0], labels, options);
    });
  });
}

// contrastiveLoss(features, anchors, margin)
Napi::Value JsContrastiveLoss(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const at::Tensor anchors = Indices(info[1], "anchors");
    const at::Tensor features = FloatTensor(info[0], "features", {anchors.numel(), -1});
    const double margin = info[2].As<Napi::Number>().DoubleValue();
    return PostLoss(info.Env(), {info[0]}, {features}, [=](const Tensors& inputs) {
      return ContrastiveLoss(inputs[0], anchors, margin);
    });
  });
}

// reconstructionLoss(images, self, cross, [channels, height, width])
Napi::Value JsReconstructionLoss(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const Napi::Array sides = info[3].As<Napi::Array>();
    std::vector<int64_t> shape = {-1};
    for (uint32_t i = 0; i < 3; ++i) {
      const Napi::Value side = sides.Get(i);
      shape.push_back(side.As<Napi::Number>().Int64Value());
    }
    const at::Tensor images = FloatTensor(info[0], "images", shape);
    const Tensors made = {FloatTensor(info[1], "self", shape),
                          FloatTensor(info[2], "cross", shape)};
    return PostLoss(info.Env(), {info[0], info[1], info[2]}, made, [=](const Tensors& inputs) {
      return ReconstructionLoss(images, inputs[0], inputs[1]);
    });
  });
}

// bilevelCvarLoss(losses, labels, groups, {innerAlpha, outerAlpha, smoothing, byClass})
Napi::Value JsBilevelCvarLoss(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const at::Tensor labels = Indices(info[1], "labels");
    const at::Tensor groups = Indices(info[2], "groups");
    const at::Tensor losses = FloatTensor(info[0], "losses", {groups.numel()});
    const BilevelCvarOptions options = ReadBilevelCvarOptions(info[3].As<Napi::Object>());
    return PostLoss(info.Env(), {info[0]}, {losses}, [=](const Tensors& inputs) {
      return BilevelCvar(inputs[0], labels, groups, options);
    });
  });
}

// cvarEta(losses, alpha, smoothing)
Napi::Value JsCvarEta(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const at::Tensor losses = FloatTensor(info[0], "losses", {-1});
    const double alpha = info[1].As<Napi::Number>().DoubleValue();
    const std::optional<CvarSmoothing> smoothing = ReadCvarSmoothing(info[2]);
    return PostJob<double>(
        info.Env(), {at::kCPU, nullptr, {info[0]}},
        [=](JobContext&) {
          return smoothing ? SmoothedCvarEta(losses, alpha, *smoothing) : CvarEta(losses, alpha);
        },
        [](Napi::Env env, double& eta) -> Napi::Value { return Napi::Number::New(env, eta); });
  });
}

}  // namespace

void RegisterFairLoss(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, call));
  };
  add("ldamLoss", JsLdamLoss);
  add("contrastiveLoss", JsContrastiveLoss);
  add("reconstructionLoss", JsReconstructionLoss);
  add("bilevelCvarLoss", JsBilevelCvarLoss);
  add("cvarEta", JsCvarEta);
}

}  // namespace deepcode::binding
