// The header of a .safetensors file: 8 bytes of little-endian length N, N bytes of JSON, then data.
//
// Format: https://huggingface.co/docs/safetensors. Everything is checked before anything is used.
// Stricter than the reference reader where that costs no real file: unknown fields, duplicate
// names, "__proto__", a rank over 8, names over 64 KiB, more than 131,072 tensors and over 32 MiB
// of metadata are refused, which also bounds the memory a hostile header can ask for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/tensor_dtype.h"

namespace deepcode {

inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr size_t kMaxTensors = 131'072;
inline constexpr size_t kMaxNameBytes = 65'536;
inline constexpr size_t kMaxRank = 8;

struct TensorRecord {
  std::string name;
  const TensorDtype* dtype;
  std::vector<int64_t> shape;
  size_t offset;  // from the start of the file
  size_t bytes;
};

struct SafetensorsHeader {
  std::vector<TensorRecord> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
};

// Checks a whole file of which `start` holds at least the length and the header: offsets are held
// against `file_bytes`. `file` is used in messages. Throws kWeightsFormat.
SafetensorsHeader ParseSafetensorsHeader(std::string_view start, uint64_t file_bytes,
                                         const std::string& file);

}  // namespace deepcode
