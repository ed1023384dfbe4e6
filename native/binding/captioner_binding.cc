// captionerLoad and the NativeCaptioner it gives.
#include <napi.h>

#include <string>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/gpt2_arguments.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "binding/vit_arguments.h"
#include "pipelines/captioner.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kCaptionerTag = {0x3e8d51f60a97c24bULL, 0xb2740cd9e56183afULL};

using Found = std::vector<FoundSequence>;

CaptionerSpec ReadSpec(const Napi::Object& object) {
  return {.encoder = ReadVitOptions(ObjectField(object, "encoder")),
          .decoder = ReadGpt2Options(ObjectField(object, "decoder")),
          .weights = StringField(object, "weights"),
          .mean = NumberArrayField(object, "mean"),
          .std = NumberArrayField(object, "std"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

EarlyStopping ReadEarlyStopping(const Napi::Object& object) {
  const std::string value = StringField(object, "earlyStopping");
  if (value == "never") return EarlyStopping::kNever;
  return value == "yes" ? EarlyStopping::kYes : EarlyStopping::kNo;
}

BeamSearchOptions ReadSearch(const Napi::Object& object) {
  return {.beams = IntField(object, "beams"),
          .count = IntField(object, "count"),
          .max_length = IntField(object, "maxLength"),
          .length_penalty = NumberField(object, "lengthPenalty"),
          .early_stopping = ReadEarlyStopping(object),
          .start_id = IntField(object, "startId"),
          .end_id = IntField(object, "endId")};
}

// What the search and the network would otherwise run into.
void CheckSearch(Napi::Env env, const BeamSearchOptions& search, const Gpt2Options& decoder) {
  const auto known = [&](int64_t id) { return id >= 0 && id < decoder.vocab_size; };
  if (search.beams >= 1 && 2 * search.beams <= decoder.vocab_size && search.count >= 1 &&
      search.count <= search.beams && search.max_length >= 2 &&
      search.max_length <= decoder.n_positions && known(search.start_id) && known(search.end_id)) {
    return;
  }
  throw Napi::RangeError::New(env, "Expected a search that the vocabulary and positions allow.");
}

Napi::Value ToJs(Napi::Env env, Found& found) {
  Napi::Array array = Napi::Array::New(env, found.size());
  for (uint32_t i = 0; i < found.size(); ++i) {
    const std::vector<int64_t>& ids = found[i].ids;
    Napi::Int32Array values = Napi::Int32Array::New(env, ids.size());
    for (size_t j = 0; j < ids.size(); ++j) values[j] = static_cast<int32_t>(ids[j]);
    Napi::Object item = Napi::Object::New(env);
    item.Set("ids", values);
    item.Set("score", static_cast<double>(found[i].score));
    array[i] = item;
  }
  return array;
}

// caption(image, search, token)
Napi::Value Caption(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto captioner = Handle<Captioner>::Get(info.This(), kCaptionerTag);
    const Napi::Value one = Napi::Number::New(env, 1);
    const ImageBatch image = ReadImages(info[0], one, captioner->spec().encoder);
    const BeamSearchOptions search = ReadSearch(info[1].As<Napi::Object>());
    CheckSearch(env, search, captioner->spec().decoder);
    return PostJob<Found>(
        env, {captioner->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return captioner->Caption(image, search, context.cancel); },
        ToJs);
  });
}

Napi::Value CaptionerLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const CaptionerSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<Captioner>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return Captioner::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<Captioner>& captioner) -> Napi::Value {
          Napi::Object handle = Handle<Captioner>::Wrap(env, captioner, captioner->memory_bytes(),
                                                        kCaptionerTag);
          handle.Set("caption", Napi::Function::New(env, Caption));
          return handle;
        });
  });
}

}  // namespace

void RegisterCaptioner(Napi::Env env, Napi::Object exports) {
  exports.Set("captionerLoad", Napi::Function::New(env, CaptionerLoad));
}

}  // namespace deepcode::binding
