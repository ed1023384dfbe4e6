// Writing .safetensors files.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deepcode {

using SafetensorsMetadata = std::map<std::string, std::string>;

// A tensor as bytes: row-major, little-endian.
struct RawTensor {
  std::string name;
  at::ScalarType dtype;
  std::vector<int64_t> shape;
  std::string_view bytes;
};

// Both write a temporary file in the same folder, sync it, rename it over `path` and sync the
// folder: after a failure or a kill the old file is there, whole. The same tensors and metadata
// give the same bytes: widest dtype first, then by name, as the reference library writes them;
// metadata by key, which there has no fixed order; header padded with spaces to a multiple of 8.
//
// Throws kIo where the file cannot be written, kWeightsFormat for names and shapes that the reader
// would refuse, kDtype for a dtype that the format cannot hold, kShape where bytes and shape
// differ. Calls no torch operator.
void WriteRawSafetensors(const std::filesystem::path& path, std::vector<RawTensor> tensors,
                         const SafetensorsMetadata& metadata);

// Tensors on any device, contiguous or not; values are copied to the CPU as they are.
void WriteSafetensors(const std::filesystem::path& path,
                      const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                      const SafetensorsMetadata& metadata);

}  // namespace deepcode
