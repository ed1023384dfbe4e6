// An autoencoder's names in the original code of Stable Diffusion (model.py of CompVis' latent
// diffusion) and in diffusers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deepcode {

// "decoder.up_blocks.0.resnets.1.conv1.weight" for "decoder.up.3.block.1.conv1.weight", in an
// autoencoder of `levels` resolutions, which its decoder counts the other way round; nullopt for a
// name that no such autoencoder has.
std::optional<std::string> DiffusersVaeName(std::string_view name, int64_t levels);

}  // namespace deepcode
