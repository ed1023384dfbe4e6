// What a LoRA file of diffusers says about itself: PEFT's settings of each network, as JSON in the
// safetensors header.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace deepcode {

struct LoraSettings {
  std::optional<double> alpha;                 // none: a layer's alpha is its rank
  bool rank_stabilized = false;                // alpha is divided by the rank's square root
  std::map<std::string, double> layer_alphas;  // by the end of a layer's name
};

// `metadata` is that of the file, `network` "unet" or "text_encoder". A file without such metadata
// has no settings. Throws kWeightsFormat for metadata that is not what diffusers writes.
LoraSettings ReadLoraSettings(const std::map<std::string, std::string>& metadata,
                              std::string_view network, const std::string& file);

}  // namespace deepcode
