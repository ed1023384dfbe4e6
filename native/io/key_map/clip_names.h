// From the keys of a CLIP checkpoint to the names of the modules in models/clip_*.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/mapped_weights.h"

namespace deepcode {

// A module's parameter, or a third of it, for a key of a checkpoint.
struct ClipSlot {
  std::string name;  // "encoder.layers.0.self_attn.qkv.weight"
  int part;          // 0, 1, 2 = query, key, value; 0 where parts is 1
  int parts;         // 3 for qkv, otherwise 1
  bool operator==(const ClipSlot&) const = default;
};

// `key` may begin with "text_model." or "vision_model.", also twice or not at all. A "vision_model"
// in front stays once, for the safety checker, where `keep_vision_model` says so.
ClipSlot ClipSlotOf(std::string_view key, bool keep_vision_model);

// The checkpoint under the modules' names, query, key and value joined; keys in `ignored` (without
// prefix) left out. Throws ERR_WEIGHTS_MISSING where one of the three is not there.
MappedWeights ClipTextView(const MappedWeights& weights, const std::vector<std::string>& ignored);
MappedWeights SafetyCheckerView(const MappedWeights& weights,
                                const std::vector<std::string>& ignored);

}  // namespace deepcode
