#include "io/weights_index.h"

#include "io/json.h"
#include "io/printable.h"
#include "io/safetensors_header.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr size_t kMaxIndexBytes = 100'000'000;
constexpr size_t kMaxShards = 4'096;
constexpr size_t kMaxFileNameBytes = 255;
constexpr std::string_view kShardSuffix = ".safetensors";

[[noreturn]] void Refuse(const std::string& file, const std::string& reason) {
  throw Error(ErrorCode::kWeightsFormat, file + " is not a valid weights index: " + reason +
                                             ". Download or export the checkpoint again.");
}

// A name of a file in the same folder on every system: no separator, no drive, no "..".
bool IsPlainFileName(const std::string& name) {
  return name.size() > kShardSuffix.size() && name.size() <= kMaxFileNameBytes &&
         name.ends_with(kShardSuffix) && !name.starts_with('.') &&
         name.find_first_of(std::string_view("/\\:\0", 4)) == std::string::npos;
}

class IndexParser {
 public:
  IndexParser(std::string_view json, const std::string& file) : reader_(json), file_(file) {}

  WeightsIndex Parse() {
    reader_.ReadObject([this](const std::string& name) {
      if (name == "weight_map") {
        reader_.ReadObject([this](std::string tensor) { ReadEntry(std::move(tensor)); });
      } else {
        reader_.SkipValue();
      }
    });
    reader_.Finish();
    if (index_.shards.empty()) Refuse(file_, "it lists no tensors");
    return std::move(index_);
  }

 private:
  // A refused shard name is not repeated: it may be the path of somebody else's file.
  void ReadEntry(std::string tensor) {
    const std::string shard = reader_.ReadString();
    if (!IsPlainFileName(shard)) {
      Refuse(file_, "the shard of tensor '" + Printable(tensor) +
                        "' is not the name of a .safetensors file in the same folder");
    }
    if (tensor.empty() || tensor == "__proto__" || tensor.size() > kMaxNameBytes) {
      Refuse(file_, "a tensor name is not allowed");
    }
    if (++tensors_ > kMaxTensors) Refuse(file_, "it lists too many tensors");
    index_.shards[shard].push_back(std::move(tensor));
    if (index_.shards.size() > kMaxShards) Refuse(file_, "it lists too many shards");
  }

  JsonReader reader_;
  const std::string& file_;
  WeightsIndex index_;
  size_t tensors_ = 0;
};

}  // namespace

WeightsIndex ParseWeightsIndex(std::string_view json, const std::string& file) {
  if (json.size() > kMaxIndexBytes) Refuse(file, "it is over 100,000,000 bytes long");
  try {
    return IndexParser(json, file).Parse();
  } catch (const JsonError& error) {
    Refuse(file, error.what());
  }
}

}  // namespace deepcode
