#include "io/key_map/clip_names.h"

#include <array>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr std::string_view kTextModel = "text_model.";
constexpr std::string_view kVisionModel = "vision_model.";

struct Renaming {
  std::string_view checkpoint;
  std::string_view module;
  int part;
  int parts;
};

constexpr Renaming kRenamings[] = {
    {".self_attn.q_proj.", ".self_attn.qkv.", 0, 3},
    {".self_attn.k_proj.", ".self_attn.qkv.", 1, 3},
    {".self_attn.v_proj.", ".self_attn.qkv.", 2, 3},
    {".self_attn.out_proj.", ".self_attn.proj.", 0, 1},
    {"embeddings.patch_embedding.", "embeddings.patch_embedding.proj.", 0, 1},
};

std::string_view WithoutAll(std::string_view key, std::string_view prefix) {
  while (key.starts_with(prefix)) key.remove_prefix(prefix.size());
  return key;
}

ClipSlot Rename(std::string_view key) {
  for (const Renaming& renaming : kRenamings) {
    const size_t at = key.find(renaming.checkpoint);
    if (at == std::string_view::npos) continue;
    std::string name(key);
    name.replace(at, renaming.checkpoint.size(), renaming.module);
    return {std::move(name), renaming.part, renaming.parts};
  }
  return {std::string(key), 0, 1};
}

void Put(TensorNames& names, const ClipSlot& slot, const std::string& key,
         const std::string& file) {
  std::vector<std::string>& parts = names[slot.name];
  parts.resize(slot.parts);
  if (!parts[slot.part].empty()) {
    throw Error(ErrorCode::kWeightsUnexpected, Printable(file, 64) + " holds " + Printable(key) +
                                                   " twice, with and without its prefix.");
  }
  parts[slot.part] = key;
}

void RequireParts(const TensorNames& names, const std::string& file) {
  constexpr std::array<const char*, 3> kParts = {"query", "key", "value"};
  for (const auto& [name, parts] : names) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].empty()) continue;
      throw Error(ErrorCode::kWeightsMissing, Printable(file, 64) + " lacks the " + kParts[i] +
                                                  " projection of " + Printable(name) + ".");
    }
  }
}

MappedWeights View(const MappedWeights& weights, ClipSlot (*slot_of)(std::string_view)) {
  TensorNames names;
  for (const std::string& key : weights.Names()) Put(names, slot_of(key), key, weights.file());
  RequireParts(names, weights.file());
  return weights.Renamed(names);
}

}  // namespace

ClipSlot TextEncoderSlot(std::string_view key) { return Rename(WithoutAll(key, kTextModel)); }

ClipSlot SafetyCheckerSlot(std::string_view key) {
  ClipSlot slot = Rename(WithoutAll(key, kVisionModel));
  if (key.starts_with(kVisionModel)) slot.name.insert(0, kVisionModel);
  return slot;
}

std::vector<std::string> CheckpointLayers(std::string_view module_layer) {
  const std::string name = std::string(module_layer) + ".";
  std::vector<std::string> layers;
  for (const Renaming& renaming : kRenamings) {
    if (!name.ends_with(renaming.module)) continue;
    const std::string start = name.substr(0, name.size() - renaming.module.size());
    layers.push_back(start + std::string(renaming.checkpoint));
    layers.back().pop_back();  // the dot
  }
  if (layers.empty()) layers.emplace_back(module_layer);
  return layers;
}

MappedWeights TextEncoderView(const MappedWeights& weights) {
  return View(weights, TextEncoderSlot);
}

MappedWeights SafetyCheckerView(const MappedWeights& weights) {
  return View(weights, SafetyCheckerSlot);
}

}  // namespace deepcode
