#include "io/safetensors_writer.h"

#include <algorithm>

#include "io/atomic_file.h"
#include "io/json_quote.h"
#include "io/printable.h"
#include "io/safetensors_header.h"
#include "io/tensor_dtype.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr size_t kAlignment = 8;

const TensorDtype& DtypeOf(const RawTensor& tensor) {
  if (const TensorDtype* dtype = FindDtype(tensor.dtype)) return *dtype;
  throw Error(ErrorCode::kDtype, "Tensor '" + Printable(tensor.name) +
                                     "' has a dtype that safetensors files cannot hold.");
}

void RequireMatchingBytes(const RawTensor& tensor) {
  size_t expected = DtypeOf(tensor).bytes;
  for (const int64_t size : tensor.shape) {
    if (size < 0 || __builtin_mul_overflow(expected, static_cast<size_t>(size), &expected)) {
      expected = SIZE_MAX;
      break;
    }
  }
  if (expected == tensor.bytes.size()) return;
  throw Error(ErrorCode::kShape, "Tensor '" + Printable(tensor.name) + "' has " +
                                     std::to_string(tensor.bytes.size()) +
                                     " bytes, which do not match its shape and dtype.");
}

void SortAsReference(std::vector<RawTensor>* tensors) {
  std::sort(tensors->begin(), tensors->end(), [](const RawTensor& a, const RawTensor& b) {
    const int order_a = DtypeOf(a).order, order_b = DtypeOf(b).order;
    return order_a != order_b ? order_a > order_b : a.name < b.name;
  });
}

std::string Joined(const std::vector<int64_t>& numbers) {
  std::string out;
  for (const int64_t number : numbers) out += (out.empty() ? "" : ",") + std::to_string(number);
  return out;
}

std::string MetadataJson(const SafetensorsMetadata& metadata) {
  std::string out = "\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    out += (out.back() == '{' ? "" : ",") + JsonQuote(key) + ":" + JsonQuote(value);
  }
  return out + "}";
}

std::string HeaderJson(const std::vector<RawTensor>& tensors,
                       const SafetensorsMetadata& metadata) {
  std::string out = "{";
  if (!metadata.empty()) out += MetadataJson(metadata);
  size_t offset = 0;
  for (const RawTensor& tensor : tensors) {
    if (out.size() > 1) out += ",";
    const size_t end = offset + tensor.bytes.size();
    out += JsonQuote(tensor.name) + ":{\"dtype\":\"" + std::string(DtypeOf(tensor).name) +
           "\",\"shape\":[" + Joined(tensor.shape) + "],\"data_offsets\":[" +
           std::to_string(offset) + "," + std::to_string(end) + "]}";
    offset = end;
  }
  out += "}";
  out.append((kAlignment - out.size() % kAlignment) % kAlignment, ' ');
  return out;
}

std::string LittleEndian64(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> 8 * i));
  return bytes;
}

}  // namespace

void WriteRawSafetensors(const std::filesystem::path& path, std::vector<RawTensor> tensors,
                         const SafetensorsMetadata& metadata) {
  size_t data_bytes = 0;
  for (const RawTensor& tensor : tensors) {
    RequireMatchingBytes(tensor);
    data_bytes += tensor.bytes.size();
  }
  SortAsReference(&tensors);
  const std::string json = HeaderJson(tensors, metadata);
  const std::string header = LittleEndian64(json.size()) + json;
  // The reader's own rules (names, duplicates, rank, limits) decide what may be written.
  ParseSafetensorsHeader(header, header.size() + data_bytes, FileName(path));
  AtomicFile file(path);
  file.Write(header);
  for (const RawTensor& tensor : tensors) file.Write(tensor.bytes);
  file.Commit();
}

void WriteSafetensors(const std::filesystem::path& path,
                      const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                      const SafetensorsMetadata& metadata) {
  std::vector<at::Tensor> keep_alive;
  std::vector<RawTensor> raw;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    const std::string_view bytes(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
    raw.push_back({name, plain.scalar_type(), plain.sizes().vec(), bytes});
    keep_alive.push_back(plain);
  }
  WriteRawSafetensors(path, std::move(raw), metadata);
}

}  // namespace deepcode
