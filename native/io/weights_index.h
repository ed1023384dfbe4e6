// model.safetensors.index.json: which shard of a checkpoint holds which tensor.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace deepcode {

struct WeightsIndex {
  // Shard file name -> names of the tensors that it must hold. Shards lie beside the index.
  std::map<std::string, std::vector<std::string>> shards;
};

// Throws kWeightsFormat for anything but {"weight_map": {tensor name: plain file name}} (other
// members are ignored), and for shard names that could leave the folder. `file` is for messages.
WeightsIndex ParseWeightsIndex(std::string_view json, const std::string& file);

}  // namespace deepcode
