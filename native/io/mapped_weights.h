// Tensors of a safetensors checkpoint, read through a memory map.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deepcode {

class FileMap;

struct TensorInfo {
  std::string name;
  at::ScalarType dtype;
  std::vector<int64_t> shape;
  std::string file;  // name of the file that holds it, without folder
};

// New names, each with the tensors that, joined along dimension 0, it stands for.
using TensorNames = std::map<std::string, std::vector<std::string>>;

class MappedWeights {
 public:
  // `file` is a .safetensors file, or an index (*.json) whose shards lie in the same folder. All
  // headers are validated before this returns. Throws kIo, kWeightsFormat; for an index also
  // kWeightsMissing (a shard, or a tensor that its shard lacks) and kWeightsUnexpected (a tensor in
  // a shard that the index does not expect there).
  static MappedWeights Open(const std::filesystem::path& file);

  // The same data under the names of `names` only; nothing is read. Throws kWeightsMissing, and
  // kWeightsShape where tensors that are to be joined differ in more than their first dimension.
  MappedWeights Renamed(const TensorNames& names) const;

  bool Contains(const std::string& name) const;
  // This and everything below throws kWeightsMissing for a name that is not there.
  const TensorInfo& Info(const std::string& name) const;
  // Sorted.
  std::vector<std::string> Names() const;
  // Of all shards together.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // The file as it was named in Open, without folder.
  const std::string& file() const { return file_; }

  // The stored bytes, row-major and little-endian; valid while this object lives. Not for a tensor
  // that Renamed joined of several.
  std::string_view Bytes(const std::string& name) const;
  // A CPU tensor on the mapped bytes; it keeps the map alive and must not be written to (the pages
  // are read-only). A copy only where the data is not aligned for its dtype, or joined of several.
  at::Tensor View(const std::string& name) const;
  // View() converted to `dtype`, after a check of every value. Throws kWeightsNonfinite for NaN and
  // Inf, and where a finite value is too large for `dtype`.
  at::Tensor LoadFinite(const std::string& name, at::ScalarType dtype) const;

 private:
  struct Stored {
    std::shared_ptr<const FileMap> map;
    size_t offset;
    size_t bytes;
  };
  struct Entry {
    TensorInfo info;
    std::vector<Stored> parts;  // at least one
  };

  void AddFile(const std::filesystem::path& path);
  void AddShard(const std::filesystem::path& path, const std::vector<std::string>& expected);
  const Entry& Find(const std::string& name) const;
  static std::string_view BytesOf(const Stored& stored);
  static at::Tensor Copy(const Entry& entry);
  Entry Joined(const std::string& name, const std::vector<std::string>& parts) const;

  std::string file_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace deepcode
