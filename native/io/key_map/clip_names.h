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

// `key` may begin with "text_model." or "vision_model.", also twice or, since transformers 5, not
// at all. A safety checker's "vision_model." stays, once.
ClipSlot TextEncoderSlot(std::string_view key);
ClipSlot SafetyCheckerSlot(std::string_view key);

// The checkpoint under the modules' names, with query, key and value joined. Throws
// ERR_WEIGHTS_MISSING where one of the three is not there, ERR_WEIGHTS_UNEXPECTED for two keys of
// one name.
MappedWeights TextEncoderView(const MappedWeights& weights);
MappedWeights SafetyCheckerView(const MappedWeights& weights);

// The layers that files know instead of a module: three for "encoder.layers.0.self_attn.qkv".
std::vector<std::string> CheckpointLayers(std::string_view module_layer);

}  // namespace deepcode
