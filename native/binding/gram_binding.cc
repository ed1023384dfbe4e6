// gramLoad and the NativeGram it gives.
#include <ATen/ops/from_blob.h>
#include <napi.h>

#include <cstring>
#include <string>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/float_tensor.h"
#include "binding/handle.h"
#include "binding/register.h"
#include "pipelines/gram_comparison.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kGramTag = {0x5b1e90d77c2f4a83ULL, 0xa64d03f8e1b92c57ULL};

GramSpec ReadSpec(const Napi::Object& object) {
  return {.vgg19 = {.layers = StringArrayField(object, "layers"),
                    .after_relu = BoolField(object, "afterRelu")},
          .weights = StringField(object, "weights"),
          .size = IntField(object, "size"),
          .mean = NumberArrayField(object, "mean"),
          .std = NumberArrayField(object, "std"),
          .normalized = BoolField(object, "normalized"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype"))};
}

ImageBatch ReadSquares(const Napi::Value& images, const Napi::Value& count, int64_t size) {
  const ByteView bytes = Bytes(images, "images");
  const int64_t number = count.As<Napi::Number>().Int64Value();
  const int64_t each = size * size * 3;
  if (number >= 1 && bytes.size == static_cast<size_t>(number * each)) return {bytes.data, number};
  throw Napi::RangeError::New(images.Env(), "Expected " + std::to_string(each) +
                                                " bytes for each of " + std::to_string(number) +
                                                " images but received " +
                                                std::to_string(bytes.size) + " bytes");
}

// grams(images, count, token)
Napi::Value Grams(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto gram = Handle<GramComparison>::Get(info.This(), kGramTag);
    const ImageBatch images = ReadSquares(info[0], info[1], gram->spec().size);
    return PostJob<at::Tensor>(
        env, {gram->spec().device, CancelTokenOf(info[2]), {info[0]}},
        [=](JobContext& context) { return gram->Grams(images, context.cancel); },
        [](Napi::Env env, at::Tensor& grams) -> Napi::Value { return FloatsOf(env, grams); });
  });
}

Napi::Value DoublesOf(Napi::Env env, const at::Tensor& tensor) {
  Napi::Float64Array array = Napi::Float64Array::New(env, tensor.numel());
  std::memcpy(array.Data(), tensor.const_data_ptr<double>(), tensor.nbytes());
  return array;
}

// distances(gram, others, distance, token)
Napi::Value Distances(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const auto gram = Handle<GramComparison>::Get(info.This(), kGramTag);
    const at::Tensor one = FloatTensor(info[0], "gram", {gram->gram_values()});
    const at::Tensor others = FloatTensor(info[1], "others", {-1, gram->gram_values()});
    const GramDistance distance = ParseGramDistance(info[2].As<Napi::String>().Utf8Value());
    return PostJob<at::Tensor>(
        env, {gram->spec().device, CancelTokenOf(info[3]), {info[0], info[1]}},
        [=](JobContext& context) { return gram->Distances(one, others, distance, context.cancel); },
        [](Napi::Env env, at::Tensor& distances) { return DoublesOf(env, distances); });
  });
}

Napi::Value GramLoad(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const GramSpec spec = ReadSpec(info[0].As<Napi::Object>());
    return PostJob<std::shared_ptr<GramComparison>>(
        env, {spec.device, CancelTokenOf(info[1])},
        [=](JobContext& context) { return GramComparison::Load(spec, context.cancel); },
        [](Napi::Env env, std::shared_ptr<GramComparison>& gram) -> Napi::Value {
          Napi::Object handle =
              Handle<GramComparison>::Wrap(env, gram, gram->memory_bytes(), kGramTag);
          handle.Set("grams", Napi::Function::New(env, Grams));
          handle.Set("distances", Napi::Function::New(env, Distances));
          return handle;
        });
  });
}

}  // namespace

void RegisterGram(Napi::Env env, Napi::Object exports) {
  exports.Set("gramLoad", Napi::Function::New(env, GramLoad));
}

}  // namespace deepcode::binding
