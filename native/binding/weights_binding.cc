// weightsOpen, weightsRead and weightsWrite. Only bytes are moved here, by the libuv pool.
#include <napi.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "binding/convert.h"
#include "binding/handle.h"
#include "binding/pool_job.h"
#include "binding/register.h"
#include "io/key_map.h"
#include "io/mapped_weights.h"
#include "io/safetensors_writer.h"
#include "io/tensor_dtype.h"

namespace deepcode::binding {
namespace {

constexpr napi_type_tag kWeightsTag = {0x3d7a54f1c6e84b0bULL, 0xa2f09c1b7d5e4386ULL};
constexpr const char* kJobName = "deepcode:weights";
constexpr int64_t kBytesPerEntry = 512;  // about what the table of names takes a tensor

using SharedWeights = std::shared_ptr<MappedWeights>;

Napi::Array ShapeToJs(Napi::Env env, const std::vector<int64_t>& shape) {
  Napi::Array array = Napi::Array::New(env, shape.size());
  for (uint32_t i = 0; i < shape.size(); ++i) array.Set(i, static_cast<double>(shape[i]));
  return array;
}

Napi::Object InfoToJs(Napi::Env env, const TensorInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", info.name);
  object.Set("dtype", std::string(FindDtype(info.dtype)->name));
  object.Set("shape", ShapeToJs(env, info.shape));
  object.Set("file", info.file);
  return object;
}

// Pairs and not an object: a key may be any string.
Napi::Array MetadataToJs(Napi::Env env, const std::map<std::string, std::string>& metadata) {
  Napi::Array pairs = Napi::Array::New(env, metadata.size());
  uint32_t index = 0;
  for (const auto& [key, value] : metadata) {
    Napi::Array pair = Napi::Array::New(env, 2);
    pair.Set(0u, key);
    pair.Set(1u, value);
    pairs.Set(index++, pair);
  }
  return pairs;
}

Napi::Value WeightsToJs(Napi::Env env, SharedWeights& weights) {
  const std::vector<std::string> names = weights->Names();
  Napi::Array tensors = Napi::Array::New(env, names.size());
  for (uint32_t i = 0; i < names.size(); ++i) {
    const Napi::HandleScope scope(env);
    tensors.Set(i, InfoToJs(env, weights->Info(names[i])));
  }
  const auto bytes = static_cast<int64_t>(names.size()) * kBytesPerEntry;
  Napi::Object handle = Handle<MappedWeights>::Wrap(env, weights, bytes, kWeightsTag);
  handle.Set("tensors", tensors);
  handle.Set("metadata", MetadataToJs(env, weights->metadata()));
  return handle;
}

// weightsOpen(path) -> {tensors: {name, dtype, shape, file}[], metadata: [key, value][], dispose()}
Napi::Value WeightsOpen(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  return PostPoolJob<SharedWeights>(
      info.Env(), kJobName, {},
      [path] { return std::make_shared<MappedWeights>(MappedWeights::Open(path)); }, WeightsToJs);
}

// weightsRead(weights, name) -> Uint8Array, a copy made straight into V8's memory
Napi::Value WeightsRead(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const SharedWeights weights = Handle<MappedWeights>::Get(info[0], kWeightsTag);
    const std::string name = info[1].As<Napi::String>().Utf8Value();
    Napi::Uint8Array target = Napi::Uint8Array::New(env, weights->Bytes(name).size());
    uint8_t* data = target.Data();
    auto reference = std::make_shared<Napi::Reference<Napi::Uint8Array>>(
        Napi::Reference<Napi::Uint8Array>::New(target, 1));
    return PostPoolJob<bool>(
        env, kJobName, {},
        [weights, name, data] {
          const std::string_view bytes = weights->Bytes(name);
          if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
          return true;
        },
        [reference](Napi::Env, bool&) -> Napi::Value { return reference->Value(); });
  });
}

RawTensor RawTensorOf(const Napi::Object& tensor) {
  const ByteView bytes = Bytes(Field(tensor, "data"), "data");
  const TensorDtype* dtype = FindDtype(StringField(tensor, "dtype"));
  if (dtype == nullptr) throw Napi::TypeError::New(tensor.Env(), "Unknown dtype of a tensor");
  const std::vector<double> shape = NumberArrayField(tensor, "shape");
  return {StringField(tensor, "name"), dtype->type, {shape.begin(), shape.end()},
          {reinterpret_cast<const char*>(bytes.data), bytes.size}};
}

SafetensorsMetadata MetadataOf(const Napi::Array& pairs) {
  SafetensorsMetadata metadata;
  for (uint32_t i = 0; i < pairs.Length(); ++i) {
    const Napi::Array pair = pairs.Get(i).As<Napi::Array>();
    metadata[pair.Get(0u).ToString()] = pair.Get(1u).ToString();
  }
  return metadata;
}

// weightsWrite(path, {name, dtype, shape, data}[], [key, value][])
Napi::Value WeightsWrite(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const Napi::Array list = info[1].As<Napi::Array>();
  std::vector<RawTensor> tensors;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    tensors.push_back(RawTensorOf(list.Get(i).As<Napi::Object>()));
  }
  return PostPoolJob<bool>(
      env, kJobName, {list},
      [path, tensors, metadata = MetadataOf(info[2].As<Napi::Array>())] {
        WriteRawSafetensors(path, tensors, metadata);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

// weightsHfVitNames(timmName, prefix) -> string[] | null
Napi::Value WeightsHfVitNames(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto names = HfVitNames(info[0].As<Napi::String>().Utf8Value(),
                                info[1].As<Napi::String>().Utf8Value());
  if (!names) return env.Null();
  Napi::Array array = Napi::Array::New(env, names->size());
  for (uint32_t i = 0; i < names->size(); ++i) array.Set(i, (*names)[i]);
  return array;
}

// weightsTimmSlice(hfName, prefix) -> {name, part, parts} | null
Napi::Value WeightsTimmSlice(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto slice = TimmNameOfHfVit(info[0].As<Napi::String>().Utf8Value(),
                                     info[1].As<Napi::String>().Utf8Value());
  if (!slice) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", slice->name);
  object.Set("part", slice->part);
  object.Set("parts", slice->parts);
  return object;
}

// weightsPeftKey(name) -> {part, module, parameter, name: as PEFT writes it} | null
Napi::Value WeightsPeftKey(const Napi::CallbackInfo& info) {
  static constexpr const char* kParts[] = {"loraA", "loraB", "saved"};
  const Napi::Env env = info.Env();
  const auto key = ParsePeftKey(info[0].As<Napi::String>().Utf8Value());
  if (!key) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("part", kParts[static_cast<int>(key->part)]);
  object.Set("module", key->module);
  object.Set("parameter", key->parameter);
  object.Set("name", PeftName(*key));
  return object;
}

}  // namespace

void RegisterWeights(Napi::Env env, Napi::Object exports) {
  exports.Set("weightsOpen", Napi::Function::New(env, WeightsOpen));
  exports.Set("weightsRead", Napi::Function::New(env, WeightsRead));
  exports.Set("weightsWrite", Napi::Function::New(env, WeightsWrite));
  exports.Set("weightsHfVitNames", Napi::Function::New(env, WeightsHfVitNames));
  exports.Set("weightsTimmSlice", Napi::Function::New(env, WeightsTimmSlice));
  exports.Set("weightsPeftKey", Napi::Function::New(env, WeightsPeftKey));
}

}  // namespace deepcode::binding
