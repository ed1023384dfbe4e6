// fairTrainerCreate and the NativeFairTrainer it gives. The JS side is typed in
// ts/native/fair-trainer.ts.
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/fairness_arguments.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/trainer_arguments.h"
#include "binding/trainer_calls.h"
#include "binding/vit_arguments.h"
#include "binding/xception_arguments.h"
#include "pipelines/fair_trainer.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kFairTrainerTag = {0x1f6b7a0d52c94e38ULL, 0xa4d7c3e81b05f962ULL};

using Calls = TrainerCalls<FairTrainer, kFairTrainerTag>;
using Trainer = Calls::Trainer;

FairLossWeights ReadWeights(const Napi::Object& object) {
  return {.fused = NumberField(object, "fused"),
          .common = NumberField(object, "common"),
          .specific = NumberField(object, "specific"),
          .demographic = NumberField(object, "demographic"),
          .contrastive = NumberField(object, "contrastive"),
          .reconstruction = NumberField(object, "reconstruction")};
}

FairLossSpec ReadLoss(const Napi::Object& object) {
  FairLossSpec spec{.weights = ReadWeights(ObjectField(object, "weights")),
                    .demographic = ReadLdamOptions(ObjectField(object, "demographic")),
                    .margin = NumberField(object, "margin"),
                    .fairness = {}};
  if (HasField(object, "fairness")) {
    spec.fairness = ReadBilevelCvarOptions(ObjectField(object, "fairness"));
  }
  return spec;
}

FairTrainerSpec ReadSpec(const Napi::Object& object) {
  FairTrainerSpec spec{.network = ReadFairDetectorOptions(ObjectField(object, "network")),
                       .weights = {},
                       .encoders = {},
                       .freeze_norms = BoolField(object, "freezeNorms"),
                       .mean = NumberArrayField(object, "mean"),
                       .std = NumberArrayField(object, "std"),
                       .loss = ReadLoss(ObjectField(object, "loss")),
                       .optimizer = ReadOptimizer(ObjectField(object, "optimizer")),
                       .seed = static_cast<uint64_t>(IntField(object, "seed")),
                       .device = ParseDevice(StringField(object, "device")),
                       .autocast = ParseDtype(StringField(object, "dtype"))};
  if (HasField(object, "weights")) spec.weights = StringField(object, "weights");
  if (HasField(object, "encoders")) spec.encoders = StringField(object, "encoders");
  return spec;
}

ImageShape ShapeOf(const FairTrainer& trainer) {
  const FairDetectorOptions& o = trainer.spec().network;
  return {.channels = o.in_channels, .height = o.image_height, .width = o.image_width};
}

// {images, groups, methods}; a view of the three arrays.
PairBatch ReadPairs(const Napi::Object& object, const FairTrainer& trainer) {
  const ByteView groups = Bytes(Field(object, "groups"), "groups");
  const ByteView methods = Bytes(Field(object, "methods"), "methods");
  if (groups.size != methods.size || groups.size % 2 != 0) {
    throw Napi::RangeError::New(object.Env(),
                                "Expected a group and a method for each image of pairs.");
  }
  const Napi::Value count = Napi::Number::New(object.Env(), static_cast<double>(groups.size));
  return {ReadImages(Field(object, "images"), count, ShapeOf(trainer)), groups.data, methods.data};
}

Napi::Value LossesToJs(Napi::Env env, FairTrainerLosses& losses) {
  Napi::Object parts = Napi::Object::New(env);
  for (const auto& [name, value] : losses.parts) parts.Set(name, value);
  Napi::Object result = Napi::Object::New(env);
  result.Set("loss", losses.loss);
  result.Set("ce", losses.cross_entropy);
  result.Set("parts", parts);
  result.Set("logits", FloatsOf(env, losses.logits));
  return result;
}

// accumulate({images, groups, methods}, weight, token)
Napi::Value Accumulate(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const Trainer trainer = Calls::Of(info);
    const Napi::Object object = info[0].As<Napi::Object>();
    const PairBatch batch = ReadPairs(object, *trainer);
    const double weight = info[1].As<Napi::Number>().DoubleValue();
    return PostJob<FairTrainerLosses>(
        info.Env(),
        {trainer->spec().device, CancelTokenOf(info[2]),
         {Field(object, "images"), Field(object, "groups"), Field(object, "methods")}},
        [=](JobContext& context) { return trainer->Accumulate(batch, weight, context.cancel); },
        LossesToJs);
  });
}

// forward(images, count, token)
Napi::Value Forward(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const Trainer trainer = Calls::Of(info);
    const ImageBatch images = ReadImages(info[0], info[1], ShapeOf(*trainer));
    return PostJob<FairTrainerScores>(
        info.Env(), {trainer->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return trainer->Forward(images, context.cancel); },
        [](Napi::Env env, FairTrainerScores& scores) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("logits", FloatsOf(env, scores.logits));
          result.Set("features", FloatsOf(env, scores.features));
          return result;
        });
  });
}

Napi::Object WrapTrainer(Napi::Env env, const Trainer& trainer) {
  Napi::Object object =
      Handle<FairTrainer>::Wrap(env, trainer, trainer->memory_bytes(), kFairTrainerTag);
  Napi::Object counts = Napi::Object::New(env);
  counts.Set("total", static_cast<double>(trainer->total_parameters()));
  counts.Set("trained", static_cast<double>(trainer->total_parameters()));
  object.Set("parameterCount", counts);
  const auto method = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    object.Set(name, Napi::Function::New(env, call));
  };
  method("accumulate", Accumulate);
  method("climb", Calls::Climb);
  method("update", Calls::Update);
  method("forward", Forward);
  method("saveState", Calls::SaveState);
  method("restoreState", Calls::RestoreState);
  method("saveModel", Calls::SaveWeights<&FairTrainer::SaveModel>);
  return object;
}

Napi::Value FairTrainerCreate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const FairTrainerSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<Trainer>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return FairTrainer::Create(spec, context.cancel); },
        [](Napi::Env env, Trainer& trainer) -> Napi::Value { return WrapTrainer(env, trainer); });
  });
}

}  // namespace

void RegisterFairTrainer(Napi::Env env, Napi::Object exports) {
  exports.Set("fairTrainerCreate", Napi::Function::New(env, FairTrainerCreate));
}

}  // namespace deepcode::binding
