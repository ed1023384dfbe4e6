#include "pipelines/vit_export.h"

#include <ATen/ATen.h>

#include <map>

#include "io/safetensors_writer.h"
#include "pipelines/module_export.h"

namespace deepcode {
namespace {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// What Python's loaders look for.
const std::map<std::string, std::string> PyTorchFormat() { return {{"format", "pt"}}; }

bool IsAdapterParameter(const std::string& name) {
  return name.find(".lora_A.") != std::string::npos || name.find(".lora_B.") != std::string::npos;
}

}  // namespace

void ExportModel(const Vit& vit, const std::filesystem::path& path, at::ScalarType dtype) {
  at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> merged;
  for (const auto& [name, linear] : vit.Linears()) {
    if (linear->has_adapter()) merged.emplace(name + ".weight", linear->MergedWeight());
  }
  NamedTensors tensors;
  for (const auto& item : vit.named_parameters()) {
    if (IsAdapterParameter(item.key())) continue;
    const auto found = merged.find(item.key());
    const at::Tensor& value = found == merged.end() ? item.value() : found->second;
    tensors.emplace_back(item.key(), StoredTensor(item.key(), value, dtype));
  }
  for (const auto& item : vit.named_buffers()) {
    tensors.emplace_back(item.key(), StoredTensor(item.key(), item.value(), dtype));
  }
  WriteSafetensors(path, tensors, PyTorchFormat());
}

void ExportAdapter(const Vit& vit, const AdapterOptions& options, const std::filesystem::path& path,
                   at::ScalarType dtype) {
  at::NoGradGuard no_grad;
  NamedTensors tensors;
  for (const AdapterTensor& tensor : AdapterTensors(vit, options)) {
    tensors.emplace_back(tensor.peft_name, StoredTensor(tensor.parameter, tensor.tensor, dtype));
  }
  WriteSafetensors(path, tensors, PyTorchFormat());
}

}  // namespace deepcode
