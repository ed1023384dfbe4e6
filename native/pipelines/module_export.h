// Writing a network's tensors for others to load.
#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <string>

namespace deepcode {

// A copy on the CPU as it is stored. Throws ERR_NONFINITE naming a tensor that `dtype` cannot hold.
at::Tensor StoredTensor(const std::string& name, const at::Tensor& tensor, at::ScalarType dtype);

// Every parameter and buffer under its registered name, stored as `dtype`. Throws ERR_IO;
// ERR_NONFINITE.
void ExportModule(const torch::nn::Module& module, const std::filesystem::path& path,
                  at::ScalarType dtype);

}  // namespace deepcode
