#include "io/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "io/json.h"
#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr size_t kMaxMetadataBytes = 32u << 20;
constexpr int kHeaderDepth = 3;  // header, tensor, shape

std::string Quoted(const std::string& name) { return "tensor '" + Printable(name) + "'"; }

[[noreturn]] void Refuse(const std::string& file, const std::string& reason) {
  throw Error(ErrorCode::kWeightsFormat,
              file + " is not a valid safetensors file: " + reason +
                  ". Download or export it again.");
}

uint64_t LittleEndian64(std::string_view bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

class HeaderParser {
 public:
  HeaderParser(std::string_view json, uint64_t data_start, uint64_t data_bytes,
               const std::string& file)
      : reader_(json, kHeaderDepth), data_start_(data_start), data_bytes_(data_bytes),
        file_(file) {}

  SafetensorsHeader Parse() {
    reader_.ReadObject([this](std::string name) { ReadMember(std::move(name)); });
    reader_.Finish();
    CheckLayout();
    return std::move(header_);
  }

 private:
  [[noreturn]] void Reject(const std::string& reason) const { Refuse(file_, reason); }

  void ReadMember(std::string name) {
    CheckName(name);
    if (name == "__metadata__") return ReadMetadata();
    if (header_.tensors.size() >= kMaxTensors) Reject("it has too many tensors");
    ReadTensor(std::move(name));
  }

  void CheckName(const std::string& name) {
    if (name.empty()) Reject("a tensor has an empty name");
    if (name == "__proto__") Reject("the name '__proto__' is not allowed");
    if (name.size() > kMaxNameBytes) Reject("a name is over 64 KiB long");
  }

  void ReadMetadata() {
    size_t total = 0;
    reader_.ReadObject([&](std::string key) {
      if (key == "__proto__") Reject("the name '__proto__' is not allowed");
      if (reader_.Peek() != '"') Reject("__metadata__ may hold strings only");
      std::string value = reader_.ReadString();
      total += key.size() + value.size();
      if (total > kMaxMetadataBytes) Reject("__metadata__ is too long");
      header_.metadata.emplace(std::move(key), std::move(value));
    });
  }

  void ReadTensor(std::string name) {
    const TensorDtype* dtype = nullptr;
    std::optional<std::vector<uint64_t>> shape, offsets;
    reader_.ReadObject([&](const std::string& field) {
      if (field == "dtype") {
        dtype = ReadDtype(name);
      } else if (field == "shape") {
        shape = ReadNumbers(kMaxRank, "a tensor has more than 8 dimensions");
      } else if (field == "data_offsets") {
        offsets = ReadNumbers(2, "data_offsets hold more than two numbers");
      } else {
        Reject(Quoted(name) + " has the unknown field '" + Printable(field, 40) + "'");
      }
    });
    if (!dtype) Reject(Quoted(name) + " has no dtype");
    if (!shape) Reject(Quoted(name) + " has no shape");
    if (!offsets || offsets->size() != 2) Reject(Quoted(name) + " needs two data_offsets");
    Add(std::move(name), *dtype, *shape, (*offsets)[0], (*offsets)[1]);
  }

  const TensorDtype* ReadDtype(const std::string& name) {
    const std::string text = reader_.ReadString();
    const TensorDtype* dtype = FindDtype(text);
    if (!dtype) {
      Reject(Quoted(name) + " has the unsupported dtype '" + Printable(text, 40) + "'");
    }
    return dtype;
  }

  std::vector<uint64_t> ReadNumbers(size_t most, const char* message) {
    std::vector<uint64_t> numbers;
    reader_.ReadArray([&] {
      if (numbers.size() == most) Reject(message);
      numbers.push_back(reader_.ReadUint64());
    });
    return numbers;
  }

  void Add(std::string name, const TensorDtype& dtype, const std::vector<uint64_t>& shape,
           uint64_t begin, uint64_t end) {
    if (begin > end || end > data_bytes_) {
      Reject(Quoted(name) + " has data_offsets outside the file");
    }
    if (end - begin != BytesOf(name, dtype, shape)) {
      Reject(Quoted(name) + " has data_offsets that do not match its shape and dtype");
    }
    header_.tensors.push_back({std::move(name), &dtype, {shape.begin(), shape.end()},
                               static_cast<size_t>(data_start_ + begin),
                               static_cast<size_t>(end - begin)});
  }

  // shape x dtype. A zero dimension does not excuse the others: strides are products of them.
  uint64_t BytesOf(const std::string& name, const TensorDtype& dtype,
                   const std::vector<uint64_t>& shape) {
    constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    uint64_t product = dtype.bytes;
    bool empty = false;
    for (const uint64_t size : shape) {
      empty = empty || size == 0;
      if (size > kMost / product) Reject(Quoted(name) + " is too large");
      product *= std::max<uint64_t>(size, 1);
    }
    return empty ? 0 : product;
  }

  // Sorted by their data, tensors must follow each other without hole or overlap up to the end.
  void CheckLayout() {
    auto& tensors = header_.tensors;
    std::sort(tensors.begin(), tensors.end(), [](const TensorRecord& a, const TensorRecord& b) {
      return a.offset != b.offset ? a.offset < b.offset : a.bytes < b.bytes;
    });
    uint64_t expected = data_start_;
    for (const TensorRecord& tensor : tensors) {
      if (tensor.offset > expected) Reject("there is a hole before " + Quoted(tensor.name));
      if (tensor.offset < expected) Reject(Quoted(tensor.name) + " overlaps another one");
      expected += tensor.bytes;
    }
    if (expected != data_start_ + data_bytes_) Reject("there are bytes after the last tensor");
  }

  JsonReader reader_;
  uint64_t data_start_;
  uint64_t data_bytes_;
  const std::string& file_;
  SafetensorsHeader header_;
};

}  // namespace

SafetensorsHeader ParseSafetensorsHeader(std::string_view start, uint64_t file_bytes,
                                         const std::string& file) {
  if (file_bytes < 8 || start.size() < 8) Refuse(file, "it is shorter than 8 bytes");
  const uint64_t length = LittleEndian64(start);
  if (length > kMaxHeaderBytes) Refuse(file, "its header length is over 100,000,000 bytes");
  if (length > file_bytes - 8 || length > start.size() - 8) {
    Refuse(file, "its header is cut short");
  }
  const std::string_view json = start.substr(8, length);
  if (json.empty() || json[0] != '{') Refuse(file, "its header does not start with '{'");
  try {
    return HeaderParser(json, 8 + length, file_bytes - 8 - length, file).Parse();
  } catch (const JsonError& error) {
    Refuse(file, error.what());
  }
}

}  // namespace deepcode
