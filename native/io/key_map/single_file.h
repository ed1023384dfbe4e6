// Single-file checkpoints of Stable Diffusion 1.x, with the names of the original code (CompVis'
// latent diffusion), as if each network lay in a diffusers folder of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/mapped_weights.h"

namespace deepcode {

enum class StableDiffusionPart { kUnet, kVae, kTextEncoder };

// diffusers' name ("down_blocks.0.resnets.0.conv1.weight") for the original one
// ("model.diffusion_model.input_blocks.1.0.in_layers.2.weight") in this part; nullopt for a name of
// another part and for one that no network has. `blocks` is layers_per_block for the UNet, the
// number of resolutions for the VAE (its decoder counts them from the smallest), unused for the
// text encoder.
std::optional<std::string> DiffusersName(StableDiffusionPart part, std::string_view name,
                                         int64_t blocks);

// The tensors of one part under diffusers' names. Throws ERR_WEIGHTS_MISSING where the file has
// none of the part, ERR_WEIGHTS_FORMAT for a Stable Diffusion 2.x or XL file, which have other text
// encoders.
MappedWeights SingleFilePart(const MappedWeights& checkpoint, StableDiffusionPart part);

}  // namespace deepcode
