// singleFileTensors and diffusionLoraMerge: what key maps and LoRA files make of weights, without a
// network.
#include <napi.h>

#include <map>
#include <string>
#include <vector>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/pool_job.h"
#include "binding/register.h"
#include "io/key_map/single_file.h"
#include "io/tensor_dtype.h"
#include "pipelines/merged_weights.h"

namespace deepcode::binding {
namespace {

struct PartTensor {
  std::string name;
  TensorInfo original;
};

std::vector<PartTensor> TensorsOfPart(const std::string& path, StableDiffusionPart part) {
  const MappedWeights checkpoint = MappedWeights::Open(path);
  std::vector<PartTensor> tensors;
  for (const auto& [name, originals] : SingleFileNames(checkpoint, part)) {
    tensors.push_back({name, checkpoint.Info(originals.front())});
  }
  return tensors;
}

Napi::Value PartTensorsToJs(Napi::Env env, std::vector<PartTensor>& tensors) {
  Napi::Array list = Napi::Array::New(env, tensors.size());
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    const Napi::HandleScope scope(env);
    const TensorInfo& info = tensors[i].original;
    Napi::Array shape = Napi::Array::New(env, info.shape.size());
    for (uint32_t k = 0; k < info.shape.size(); ++k)
      shape.Set(k, static_cast<double>(info.shape[k]));
    Napi::Object tensor = Napi::Object::New(env);
    tensor.Set("name", tensors[i].name);
    tensor.Set("original", info.name);
    tensor.Set("dtype", std::string(FindDtype(info.dtype)->name));
    tensor.Set("shape", shape);
    list.Set(i, tensor);
  }
  return list;
}

// singleFileTensors(path, part) -> {name, original, dtype, shape}[]
Napi::Value SingleFileTensors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const std::string path = info[0].As<Napi::String>().Utf8Value();
    const auto part = ParseStableDiffusionPart(info[1].As<Napi::String>().Utf8Value());
    return PostPoolJob<std::vector<PartTensor>>(
        env, "deepcode:weights", {}, [=] { return TensorsOfPart(path, part); }, PartTensorsToJs);
  });
}

Napi::Object TensorsToJs(Napi::Env env, const std::map<std::string, at::Tensor>& tensors) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, tensor] : tensors) {
    const Napi::HandleScope scope(env);
    object.Set(name, ToFloat32Array(env, tensor.const_data_ptr<float>(), tensor.numel()));
  }
  return object;
}

std::vector<LoraFile> ReadLoras(const Napi::Array& list) {
  std::vector<LoraFile> loras;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Object lora = list.Get(i).As<Napi::Object>();
    loras.push_back({StringField(lora, "path"), NumberField(lora, "scale")});
  }
  return loras;
}

// diffusionLoraMerge({unet, textEncoder, loras: {path, scale}[]}, token)
Napi::Value DiffusionLoraMerge(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Napi::Object object = info[0].As<Napi::Object>();
    const MergedWeightsSpec spec{.unet = StringField(object, "unet"),
                                 .text_encoder = StringField(object, "textEncoder"),
                                 .loras = ReadLoras(Field(object, "loras").As<Napi::Array>())};
    return PostJob<MergedWeights>(
        env, {at::kCPU, CancelTokenOf(info[1])},
        [=](JobContext& context) { return MergeIntoWeights(spec, context.cancel); },
        [](Napi::Env env, MergedWeights& merged) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("unet", TensorsToJs(env, merged.unet));
          result.Set("textEncoder", TensorsToJs(env, merged.text_encoder));
          result.Set("changedLayers", static_cast<double>(merged.changed_layers));
          return result;
        });
  });
}

}  // namespace

void RegisterDiffusionWeights(Napi::Env env, Napi::Object exports) {
  exports.Set("singleFileTensors", Napi::Function::New(env, SingleFileTensors));
  exports.Set("diffusionLoraMerge", Napi::Function::New(env, DiffusionLoraMerge));
}

}  // namespace deepcode::binding
