// Keys of LoRA files for Stable Diffusion: diffusers' (PEFT's and its older ones) and kohya's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deepcode {

enum class LoraNetwork { kUnet, kTextEncoder };
enum class LoraPart { kDown, kUp, kAlpha };  // PEFT calls the first two lora_A and lora_B

struct LoraKey {
  LoraNetwork network;
  // The layer with every '.' as '_', which is how kohya's keys have it and the only form that all
  // spellings share: "down_blocks_0_attentions_0_proj_in"; in text encoders without "text_model_".
  std::string layer;
  LoraPart part;
  bool operator==(const LoraKey&) const = default;
};

// nullopt for a key that is none of:
//   unet.<layer>.lora_A.weight, unet.<layer>.lora_B.weight           diffusers with PEFT; also
// text_encoder.
//   unet.<layer>.lora.down.weight, unet.<layer>.lora.up.weight       diffusers before PEFT
//   unet.<attention>.processor.to_q_lora.down.weight                 its first form: to_q, to_k,
// to_v, to_out
//   text_encoder.<layer>.lora_linear_layer.down.weight               its first form
//   lora_unet_<layer>.lora_down.weight, .lora_up.weight, .alpha      kohya; also lora_te_,
// lora_te1_ <layer>.alpha goes with each of them. A layer without network in front belongs to the
// UNet, as in the first files of diffusers and in PEFT's own ("base_model.model.").
std::optional<LoraKey> ParseLoraKey(std::string_view key);

// A layer of a network in the form of LoraKey.
std::string LoraLayerName(std::string_view module_name);

}  // namespace deepcode
