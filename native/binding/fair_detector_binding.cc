// fairDetectorDifferentiate.
#include <napi.h>

#include <vector>

#include "binding/async.h"
#include "binding/convert.h"
#include "binding/errors.h"
#include "binding/xception_arguments.h"
#include "binding/float_tensor.h"
#include "binding/register.h"
#include "pipelines/fair_differentiation.h"
#include "runtime/error.h"

namespace deepcode::binding {
namespace {

FairMode ReadMode(const std::string& name) {
  if (name == "evaluate") return std::nullopt;
  if (name == "update") return BatchStatistics::kUpdate;
  if (name == "keep") return BatchStatistics::kKeep;
  if (name == "running") return BatchStatistics::kRunning;
  throw Error(ErrorCode::kConfig, "Expected evaluate, update, keep or running for the mode.");
}

// Views of the arrays, which are added to `arrays`.
NamedTensors ReadWeights(const Napi::Object& object, std::vector<Napi::Value>* arrays) {
  NamedTensors weights;
  const Napi::Array names = object.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).As<Napi::String>().Utf8Value();
    const Napi::Value array = object.Get(name);
    weights[name] = FloatTensor(array, name.c_str(), {-1});
    arrays->push_back(array);
  }
  return weights;
}

Napi::Object ToJs(Napi::Env env, const NamedTensors& tensors) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, tensor] : tensors) object.Set(name, FloatsOf(env, tensor));
  return object;
}

// fairDetectorDifferentiate({network, weights, mode}, pixels, outputWeights, token)
Napi::Value Differentiate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Guarded(env, [&] {
    const Napi::Object spec = info[0].As<Napi::Object>();
    const FairDetectorOptions options = ReadFairDetectorOptions(ObjectField(spec, "network"));
    const std::string file = StringField(spec, "weights");
    const FairMode mode = ReadMode(StringField(spec, "mode"));
    const at::Tensor pixels =
        FloatTensor(info[1], "pixels",
                    {-1, options.in_channels, options.image_height, options.image_width});
    std::vector<Napi::Value> arrays{info[1]};
    const NamedTensors weights = ReadWeights(info[2].As<Napi::Object>(), &arrays);
    return PostJob<FairGradients>(
        env, {c10::Device(c10::kCPU), CancelTokenOf(info[3]), arrays},
        [=](JobContext& context) {
          return DifferentiateFairDetector(options, file, mode, pixels, weights, context.cancel);
        },
        [](Napi::Env env, FairGradients& result) -> Napi::Value {
          Napi::Object object = Napi::Object::New(env);
          object.Set("outputs", ToJs(env, result.outputs));
          object.Set("gradients", ToJs(env, result.gradients));
          object.Set("buffers", ToJs(env, result.buffers));
          return object;
        });
  });
}

}  // namespace

void RegisterFairDetector(Napi::Env env, Napi::Object exports) {
  exports.Set("fairDetectorDifferentiate", Napi::Function::New(env, Differentiate));
}

}  // namespace deepcode::binding
