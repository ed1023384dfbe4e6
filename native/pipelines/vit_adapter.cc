#include "pipelines/vit_adapter.h"

#include <ATen/ATen.h>

#include <map>
#include <sstream>

#include "io/key_map.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

bool Below(const std::string& parameter, const std::string& module) {
  return parameter.rfind(module + ".", 0) == 0;
}

std::vector<AdapterTensor> SavedModules(const Vit& vit, const AdapterOptions& options) {
  std::vector<AdapterTensor> tensors;
  for (const auto& item : vit.named_parameters()) {
    for (const std::string& module : options.modules_to_save) {
      if (!Below(item.key(), module)) continue;
      const size_t dot = item.key().rfind('.');
      const PeftKey key{PeftPart::kSaved, item.key().substr(0, dot), item.key().substr(dot + 1)};
      tensors.push_back({item.key(), PeftName(key), item.value()});
      break;
    }
  }
  return tensors;
}

// File name by canonical PEFT name; a name that is not PEFT's stands for itself.
std::map<std::string, std::string> CanonicalNames(const MappedWeights& weights) {
  std::map<std::string, std::string> names;
  for (const std::string& name : weights.Names()) {
    const std::optional<PeftKey> key = ParsePeftKey(name);
    names.emplace(key ? PeftName(*key) : name, name);
  }
  return names;
}

void CheckShape(const AdapterTensor& expected, const at::Tensor& value, const std::string& file) {
  if (expected.tensor.sizes() == value.sizes()) return;
  std::ostringstream message;
  message << "Expected " << expected.tensor.sizes() << " for " << expected.peft_name
          << " but received " << value.sizes() << " in " << file
          << ". Check rank and base model in adapter_config.json.";
  throw Error(ErrorCode::kWeightsShape, message.str());
}

}  // namespace

void AttachAdapter(Vit& vit, const AdapterOptions& options, const at::Generator& generator) {
  std::map<std::string, std::shared_ptr<LoraLinear>> linears;
  for (auto& [name, linear] : vit.Linears()) linears.emplace(name, linear);
  for (const AdapterLayer& layer : options.layers) {
    const auto found = linears.find(layer.name);
    if (found == linears.end()) {
      throw Error(ErrorCode::kConfig, "The network has no linear layer '" + layer.name + "'.");
    }
    found->second->AttachAdapter({layer.rank, layer.scale, options.dropout}, generator);
  }
  for (const std::string& module : options.modules_to_save) {
    if (!SavedModules(vit, {{}, 0.0, {module}}).empty()) continue;
    throw Error(ErrorCode::kConfig, "The network has no module '" + module + "' to save.");
  }
}

std::vector<AdapterTensor> AdapterTensors(const Vit& vit, const AdapterOptions& options) {
  std::vector<AdapterTensor> tensors;
  const auto parameters = vit.named_parameters();
  const auto add = [&](const std::string& layer, PeftPart part, const char* child) {
    const std::string name = layer + "." + child + ".weight";
    tensors.push_back({name, PeftName({part, layer, "weight"}), parameters[name]});
  };
  for (const AdapterLayer& layer : options.layers) {
    add(layer.name, PeftPart::kLoraA, "lora_A");
    add(layer.name, PeftPart::kLoraB, "lora_B");
  }
  for (AdapterTensor& saved : SavedModules(vit, options)) tensors.push_back(std::move(saved));
  return tensors;
}

void LoadAdapter(Vit& vit, const AdapterOptions& options, const MappedWeights& weights,
                 const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const std::vector<AdapterTensor> tensors = AdapterTensors(vit, options);
  const std::map<std::string, std::string> names = CanonicalNames(weights);
  std::vector<std::string> expected, found;
  for (const AdapterTensor& tensor : tensors) expected.push_back(tensor.peft_name);
  for (const auto& [canonical, name] : names) found.push_back(canonical);
  RequireKeys(expected, found, weights.file());
  for (const AdapterTensor& tensor : tensors) {
    cancel.ThrowIfCancelled();
    const at::Tensor value = weights.LoadFinite(names.at(tensor.peft_name), at::kFloat);
    CheckShape(tensor, value, weights.file());
    at::Tensor(tensor.tensor).set_data(value.clone());
  }
}

void MergeAdapters(Vit& vit) {
  for (auto& [name, linear] : vit.Linears()) linear->Merge();
}

}  // namespace deepcode
