// A UNet's names in the original code of Stable Diffusion 1.x (openaimodel.py of CompVis' latent
// diffusion) and in diffusers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deepcode {

// "down_blocks.0.resnets.0.conv1.weight" for "input_blocks.1.0.in_layers.2.weight", in a UNet of
// `layers` layers a level; nullopt for a name that no such UNet has.
std::optional<std::string> DiffusersUnetName(std::string_view name, int64_t layers);

}  // namespace deepcode
