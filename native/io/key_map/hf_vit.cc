#include "io/key_map/hf_vit.h"

#include "io/key_map.h"

namespace deepcode {

MappedWeights HfVitView(const MappedWeights& weights, const std::vector<std::string>& timm_names,
                        std::string_view prefix) {
  const std::string pooler = std::string(prefix) + "pooler.";
  std::vector<std::string> expected, found;
  TensorNames names;
  for (const std::string& name : timm_names) {
    const auto parts = HfVitNames(name, prefix);
    if (!parts) continue;
    expected.insert(expected.end(), parts->begin(), parts->end());
    names[name] = *parts;
  }
  for (const std::string& key : weights.Names()) {
    if (key.starts_with(prefix) && !key.starts_with(pooler)) found.push_back(key);
  }
  RequireKeys(std::move(expected), std::move(found), weights.file());
  return weights.Renamed(names);
}

}  // namespace deepcode
