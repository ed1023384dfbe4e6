// trainerCreate and the NativeTrainer it gives. The JS side is typed in ts/native/trainer.ts.
#include <napi.h>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/fairness_arguments.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/trainer_arguments.h"
#include "binding/trainer_calls.h"
#include "binding/vit_arguments.h"
#include "pipelines/detector_trainer.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kTrainerTag = {0x8d45e0b31c7f4f92ULL, 0xb90a6e27d15c4833ULL};

using Calls = TrainerCalls<DetectorTrainer, kTrainerTag>;
using Trainer = Calls::Trainer;

Napi::Value Floats(Napi::Env env, const at::Tensor& tensor) {
  if (!tensor.defined()) return ToFloat32Array(env, nullptr, 0);
  return ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel());
}

Trainable ReadTrainable(const std::string& name) {
  if (name == "adapter") return Trainable::kAdapter;
  if (name == "all") return Trainable::kAll;
  if (name == "head") return Trainable::kHead;
  throw Error(ErrorCode::kConfig, "Expected adapter, all or head for trainable.");
}

std::optional<BilevelCvarOptions> ReadFairness(const Napi::Object& object) {
  if (!HasField(object, "fairness")) return std::nullopt;
  return ReadBilevelCvarOptions(ObjectField(object, "fairness"));
}

LossSpec ReadLoss(const Napi::Object& object) {
  const std::vector<double> weights = NumberArrayField(object, "classWeights");
  if (weights.size() != 2) throw Error(ErrorCode::kConfig, "Expected two class weights.");
  return {.class_weights = {weights[0], weights[1]},
          .label_smoothing = NumberField(object, "labelSmoothing"),
          .scl_weight = NumberField(object, "sclWeight"),
          .scl = {.margin = NumberField(object, "sclMargin"),
                  .scaled_margin = BoolField(object, "sclScaledMargin"),
                  .distance = ParseCenterDistance(StringField(object, "sclDistance"))},
          .fairness = ReadFairness(object)};
}

void ReadSources(const Napi::Object& object, TrainerSpec* spec) {
  if (HasField(object, "weights")) spec->weights = StringField(object, "weights");
  if (HasField(object, "adapter")) spec->adapter = ReadAdapterOptions(ObjectField(object, "adapter"));
  if (HasField(object, "adapterWeights")) {
    spec->adapter_weights = StringField(object, "adapterWeights");
  }
}

TrainerSpec ReadSpec(const Napi::Object& object) {
  TrainerSpec spec{.vit = ReadVitOptions(ObjectField(object, "vit")),
                   .weights = {},
                   .new_head = BoolField(object, "newHead"),
                   .adapter = {},
                   .adapter_weights = {},
                   .trainable = ReadTrainable(StringField(object, "trainable")),
                   .freeze_head = BoolField(object, "freezeHead"),
                   .num_logits = IntField(object, "numLogits"),
                   .drop_path = NumberField(object, "dropPath"),
                   .cut_mix = NumberField(object, "cutMix"),
                   .flip_average = BoolField(object, "flipAverage"),
                   .mean = NumberArrayField(object, "mean"),
                   .std = NumberArrayField(object, "std"),
                   .loss = ReadLoss(ObjectField(object, "loss")),
                   .optimizer = ReadOptimizer(ObjectField(object, "optimizer")),
                   .seed = static_cast<uint64_t>(IntField(object, "seed")),
                   .device = ParseDevice(StringField(object, "device")),
                   .autocast = ParseDtype(StringField(object, "dtype"))};
  ReadSources(object, &spec);
  return spec;
}

Napi::Value LossesToJs(Napi::Env env, TrainerLosses& losses) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("loss", losses.loss);
  result.Set("ce", losses.ce);
  result.Set("scl", losses.scl);
  result.Set("logits", Floats(env, losses.logits));
  return result;
}

// Of as many images as there are labels; null: none.
const uint8_t* GroupsOf(Napi::Env env, const Napi::Value& value, size_t count) {
  if (value.IsNull()) return nullptr;
  const ByteView groups = Bytes(value, "groups");
  if (groups.size == count) return groups.data;
  throw Napi::RangeError::New(env, "Expected as many groups as labels.");
}

// accumulate({images, labels, groups}, weight, token)
Napi::Value Accumulate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Trainer trainer = Calls::Of(info);
    const Napi::Object batch = info[0].As<Napi::Object>();
    const Napi::Value images_value = Field(batch, "images"), labels_value = Field(batch, "labels"),
                      groups_value = Field(batch, "groups");
    const ByteView labels = Bytes(labels_value, "labels");
    const Napi::Number count = Napi::Number::New(env, static_cast<double>(labels.size));
    const LabelledBatch given = {ReadImages(images_value, count, trainer->spec().vit), labels.data,
                                 GroupsOf(env, groups_value, labels.size)};
    const double weight = info[1].As<Napi::Number>().DoubleValue();
    std::vector<Napi::Value> keep_alive = {images_value, labels_value};
    if (given.groups) keep_alive.push_back(groups_value);
    return PostJob<TrainerLosses>(
        env, {trainer->spec().device, CancelTokenOf(info[2]), std::move(keep_alive)},
        [=](JobContext& context) { return trainer->Accumulate(given, weight, context.cancel); },
        LossesToJs);
  });
}

// forward(images, count, token)
Napi::Value Forward(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Trainer trainer = Calls::Of(info);
    const ImageBatch images = ReadImages(info[0], info[1], trainer->spec().vit);
    return PostJob<TrainerScores>(
        env, {trainer->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return trainer->Forward(images, context.cancel); },
        [](Napi::Env env, TrainerScores& scores) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("logits", Floats(env, scores.logits));
          result.Set("features", Floats(env, scores.features));
          return result;
        });
  });
}

// center()
Napi::Value Center(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const Trainer trainer = Calls::Of(info);
    return PostJob<at::Tensor>(
        info.Env(), {trainer->spec().device, nullptr},
        [=](JobContext&) { return trainer->Center(); },
        [](Napi::Env env, at::Tensor& center) { return Floats(env, center); });
  });
}

// whitenPatches(images, count, token)
Napi::Value WhitenPatches(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&] {
    const Trainer trainer = Calls::Of(info);
    const ImageBatch images = ReadImages(info[0], info[1], trainer->spec().vit);
    return Calls::PostTask(info, trainer, CancelTokenOf(info[2]), {info[0]},
                           [=](const CancelToken&) { trainer->WhitenPatches(images); });
  });
}

Napi::Object WrapTrainer(Napi::Env env, const Trainer& trainer) {
  Napi::Object object =
      Handle<DetectorTrainer>::Wrap(env, trainer, trainer->memory_bytes(), kTrainerTag);
  Napi::Object counts = Napi::Object::New(env);
  counts.Set("total", static_cast<double>(trainer->total_parameters()));
  counts.Set("trained", static_cast<double>(trainer->trained_parameters()));
  object.Set("parameterCount", counts);
  const auto method = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    object.Set(name, Napi::Function::New(env, call));
  };
  method("accumulate", Accumulate);
  method("climb", Calls::Climb);
  method("update", Calls::Update);
  method("whitenPatches", WhitenPatches);
  method("forward", Forward);
  method("center", Center);
  method("saveState", Calls::SaveState);
  method("restoreState", Calls::RestoreState);
  method("saveAdapter", Calls::SaveWeights<&DetectorTrainer::SaveAdapter>);
  method("saveModel", Calls::SaveWeights<&DetectorTrainer::SaveModel>);
  return object;
}

Napi::Value TrainerCreate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const TrainerSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<Trainer>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return DetectorTrainer::Create(spec, context.cancel); },
        [](Napi::Env env, Trainer& trainer) -> Napi::Value { return WrapTrainer(env, trainer); });
  });
}

}  // namespace

void RegisterTrainer(Napi::Env env, Napi::Object exports) {
  exports.Set("trainerCreate", Napi::Function::New(env, TrainerCreate));
}

}  // namespace deepcode::binding
