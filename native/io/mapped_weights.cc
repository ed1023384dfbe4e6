#include "io/mapped_weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "io/file_map.h"
#include "io/finite.h"
#include "io/key_map.h"
#include "io/printable.h"
#include "io/safetensors_header.h"
#include "io/weights_index.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

namespace fs = std::filesystem;

bool IsAligned(const void* data, size_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

[[noreturn]] void RefuseValue(const TensorInfo& info, const std::string& reason) {
  throw Error(ErrorCode::kWeightsNonfinite,
              "Tensor '" + Printable(info.name) + "' in " + info.file + " " + reason);
}

bool SameBeyondRows(const TensorInfo& a, const TensorInfo& b) {
  return a.dtype == b.dtype && !a.shape.empty() && a.shape.size() == b.shape.size() &&
         std::equal(a.shape.begin() + 1, a.shape.end(), b.shape.begin() + 1);
}

[[noreturn]] void RefuseJoin(const TensorInfo& joined, const TensorInfo& part) {
  throw Error(ErrorCode::kWeightsShape, "Expected '" + Printable(part.name) + "' in " + part.file +
                                            " to be as wide as the other parts of " +
                                            Printable(joined.name) + " and of their dtype.");
}

}  // namespace

MappedWeights MappedWeights::Open(const fs::path& file) {
  MappedWeights weights;
  weights.file_ = FileName(file);
  if (file.extension() != ".json") {
    weights.AddFile(file);
    return weights;
  }
  const FileMap index_map(file);
  const WeightsIndex index = ParseWeightsIndex(index_map.bytes(), weights.file_);
  for (const auto& [shard, names] : index.shards) {
    weights.AddShard(file.parent_path() / shard, names);
  }
  return weights;
}

void MappedWeights::AddFile(const fs::path& path) {
  auto map = std::make_shared<const FileMap>(path);
  const std::string file = FileName(path);
  auto header = ParseSafetensorsHeader(map->bytes(), map->bytes().size(), file);
  for (TensorRecord& record : header.tensors) {
    TensorInfo info{record.name, record.dtype->type, std::move(record.shape), file};
    entries_.emplace(std::move(record.name),
                     Entry{std::move(info), {{map, record.offset, record.bytes}}});
  }
  metadata_.merge(header.metadata);
}

// Exactly the tensors that the index expects here: another layout means that the index and the
// shards are not of one checkpoint.
void MappedWeights::AddShard(const fs::path& path, const std::vector<std::string>& expected) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error(ErrorCode::kWeightsMissing, "The shard " + FileName(path) + " listed in " + file_ +
                                                " is missing. Download the whole checkpoint.");
  }
  MappedWeights shard;
  shard.AddFile(path);
  RequireKeys(expected, shard.Names(), FileName(path));
  entries_.merge(shard.entries_);
  metadata_.merge(shard.metadata_);
}

MappedWeights MappedWeights::Renamed(const TensorNames& names) const {
  MappedWeights renamed;
  renamed.file_ = file_;
  renamed.metadata_ = metadata_;
  for (const auto& [name, parts] : names) renamed.entries_.emplace(name, Joined(name, parts));
  return renamed;
}

MappedWeights::Entry MappedWeights::Joined(const std::string& name,
                                           const std::vector<std::string>& parts) const {
  Entry joined = Find(parts.front());
  joined.info.name = name;
  for (size_t i = 1; i < parts.size(); ++i) {
    const Entry& part = Find(parts[i]);
    if (!SameBeyondRows(joined.info, part.info)) RefuseJoin(joined.info, part.info);
    joined.info.shape[0] += part.info.shape[0];
    joined.parts.insert(joined.parts.end(), part.parts.begin(), part.parts.end());
  }
  return joined;
}

bool MappedWeights::Contains(const std::string& name) const { return entries_.contains(name); }

const MappedWeights::Entry& MappedWeights::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    throw Error(ErrorCode::kWeightsMissing, "There is no tensor '" + Printable(name) + "' in " +
                                                file_ + ". Check that it is the right checkpoint.");
  }
  return found->second;
}

const TensorInfo& MappedWeights::Info(const std::string& name) const { return Find(name).info; }

std::vector<std::string> MappedWeights::Names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::string_view MappedWeights::Bytes(const std::string& name) const {
  const Entry& entry = Find(name);
  if (entry.parts.size() == 1) return BytesOf(entry.parts.front());
  throw Error(ErrorCode::kInternal, "The bytes of a joined tensor do not lie together.");
}

std::string_view MappedWeights::BytesOf(const Stored& stored) {
  stored.map->CheckUnchanged();
  return stored.map->bytes().substr(stored.offset, stored.bytes);
}

at::Tensor MappedWeights::View(const std::string& name) const {
  const Entry& entry = Find(name);
  if (entry.parts.size() > 1) return Copy(entry);
  const std::string_view bytes = BytesOf(entry.parts.front());
  if (bytes.empty() || !IsAligned(bytes.data(), FindDtype(entry.info.dtype)->bytes)) {
    return Copy(entry);
  }
  const auto keep_alive = [map = entry.parts.front().map](void*) {};
  return at::from_blob(const_cast<char*>(bytes.data()), entry.info.shape, keep_alive,
                       at::TensorOptions(entry.info.dtype));
}

// Rows lie one after the other, so that joining along dimension 0 is joining the bytes.
at::Tensor MappedWeights::Copy(const Entry& entry) {
  at::Tensor copy = at::empty(entry.info.shape, at::TensorOptions(entry.info.dtype));
  auto* target = static_cast<char*>(copy.data_ptr());
  for (const Stored& stored : entry.parts) {
    const std::string_view bytes = BytesOf(stored);
    if (!bytes.empty()) std::memcpy(target, bytes.data(), bytes.size());
    target += bytes.size();
  }
  return copy;
}

at::Tensor MappedWeights::LoadFinite(const std::string& name, at::ScalarType dtype) const {
  const TensorInfo& info = Info(name);
  const at::Tensor stored = View(name);
  if (!AllFinite(stored)) {
    RefuseValue(info, "holds NaN or Inf. Use a checkpoint without such values.");
  }
  if (stored.scalar_type() == dtype) return stored;
  at::Tensor converted = stored.to(dtype);
  if (!AllFinite(converted)) {
    RefuseValue(info, "holds values too large for the chosen dtype. Use bf16 or fp32.");
  }
  return converted;
}

}  // namespace deepcode
