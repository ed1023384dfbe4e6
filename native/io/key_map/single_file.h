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

// "unet", "vae" or "text_encoder", as the folders are called. Throws ERR_CONFIG for anything else.
StableDiffusionPart ParseStableDiffusionPart(std::string_view name);

// diffusers' name ("down_blocks.0.resnets.0.conv1.weight") for the original one
// ("model.diffusion_model.input_blocks.1.0.in_layers.2.weight") in this part; nullopt for a name of
// another part and for one that no network has. `levels` is layers_per_block for the UNet, the
// number of resolutions for the VAE, whose decoder counts them the other way round; unused for the
// text encoder.
std::optional<std::string> DiffusersName(StableDiffusionPart part, std::string_view name,
                                         int64_t levels);

// Every tensor of one part: diffusers' name and the original one. A name that no network has stands
// for itself. Throws ERR_WEIGHTS_MISSING where the file has nothing of the part,
// ERR_WEIGHTS_FORMAT for a Stable Diffusion 2.x or XL file, which has other text encoders.
TensorNames SingleFileNames(const MappedWeights& checkpoint, StableDiffusionPart part);

// The tensors of one part under diffusers' names. Throws as SingleFileNames.
MappedWeights SingleFilePart(const MappedWeights& checkpoint, StableDiffusionPart part);

}  // namespace deepcode
