#include "io/key_map/lora_names.h"

#include <algorithm>

#include "io/key_map/name_pieces.h"

namespace deepcode {
namespace {

using names::Consume;

struct Ending {
  std::string_view text;
  LoraPart part;
};

constexpr Ending kEndings[] = {
    {".lora_A.weight", LoraPart::kDown},
    {".lora_B.weight", LoraPart::kUp},
    {".lora_A.default.weight", LoraPart::kDown},
    {".lora_B.default.weight", LoraPart::kUp},
    {".lora.down.weight", LoraPart::kDown},
    {".lora.up.weight", LoraPart::kUp},
    {".lora_linear_layer.down.weight", LoraPart::kDown},
    {".lora_linear_layer.up.weight", LoraPart::kUp},
    {"_lora.down.weight", LoraPart::kDown},
    {"_lora.up.weight", LoraPart::kUp},
    {".lora_down.weight", LoraPart::kDown},
    {".lora_up.weight", LoraPart::kUp},
    {".lora.alpha", LoraPart::kAlpha},
    {".lora_linear_layer.alpha", LoraPart::kAlpha},
    {"_lora.alpha", LoraPart::kAlpha},
    {".alpha", LoraPart::kAlpha},
};

struct Beginning {
  std::string_view text;
  LoraNetwork network;
};

constexpr Beginning kBeginnings[] = {
    {"unet.", LoraNetwork::kUnet},
    {"text_encoder.", LoraNetwork::kTextEncoder},
    {"text_model.", LoraNetwork::kTextEncoder},
    {"lora_unet_", LoraNetwork::kUnet},
    {"lora_te_", LoraNetwork::kTextEncoder},
    {"lora_te1_", LoraNetwork::kTextEncoder},
};

constexpr std::string_view kPeftPrefix = "base_model.model.";
constexpr std::string_view kTextModel = "text_model_";
constexpr std::string_view kProcessor = "_processor_";

// diffusers' first form names attention layers of the text encoder as those of the UNet.
struct Projection {
  std::string_view written;
  std::string_view unet;
  std::string_view text_encoder;
};

constexpr Projection kProjections[] = {
    {"_to_q", "_to_q", "_q_proj"},
    {"_to_k", "_to_k", "_k_proj"},
    {"_to_v", "_to_v", "_v_proj"},
    {"_to_out", "_to_out_0", "_out_proj"},
};

const Ending* ConsumeEnding(std::string_view* key) {
  for (const Ending& ending : kEndings) {
    if (!key->ends_with(ending.text)) continue;
    key->remove_suffix(ending.text.size());
    return &ending;
  }
  return nullptr;
}

LoraNetwork ConsumeNetwork(std::string_view* key) {
  Consume(key, kPeftPrefix);
  for (const Beginning& beginning : kBeginnings) {
    if (Consume(key, beginning.text)) return beginning.network;
  }
  return LoraNetwork::kUnet;
}

std::string Canonical(std::string layer, LoraNetwork network) {
  if (const size_t at = layer.find(kProcessor); at != std::string::npos) {
    layer.erase(at + 1, kProcessor.size() - 1);
  }
  for (const Projection& projection : kProjections) {
    if (!layer.ends_with(projection.written)) continue;
    layer.resize(layer.size() - projection.written.size());
    layer += network == LoraNetwork::kUnet ? projection.unet : projection.text_encoder;
    break;
  }
  return layer;
}

}  // namespace

std::string LoraLayerName(std::string_view module_name) {
  std::string layer(module_name);
  std::replace(layer.begin(), layer.end(), '.', '_');
  if (layer.starts_with(kTextModel)) layer.erase(0, kTextModel.size());
  return layer;
}

std::optional<LoraKey> ParseLoraKey(std::string_view key) {
  const Ending* ending = ConsumeEnding(&key);
  if (ending == nullptr) return std::nullopt;
  const LoraNetwork network = ConsumeNetwork(&key);
  if (key.empty()) return std::nullopt;
  return LoraKey{network, Canonical(LoraLayerName(key), network), ending->part};
}

}  // namespace deepcode
