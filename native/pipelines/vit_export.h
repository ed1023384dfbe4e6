// Writing a network for others to load: timm's model.safetensors, PEFT's adapter_model.safetensors.
#pragma once

#include <filesystem>

#include "pipelines/vit_adapter.h"

namespace deepcode {

// Every parameter under timm's key, adapters folded in, stored as `dtype`. The network stays as it is.
// Throws ERR_IO; ERR_NONFINITE naming a tensor that `dtype` cannot hold.
void ExportModel(const Vit& vit, const std::filesystem::path& path, at::ScalarType dtype);

// The adapter's tensors under PEFT's keys. Throws as ExportModel.
void ExportAdapter(const Vit& vit, const AdapterOptions& options, const std::filesystem::path& path,
                   at::ScalarType dtype);

}  // namespace deepcode
