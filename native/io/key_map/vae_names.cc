#include "io/key_map/vae_names.h"

#include <array>
#include <string_view>
#include <utility>

namespace deepcode {

std::string OldVaeName(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLayers = {{
      {".to_q.", ".query."},
      {".to_k.", ".key."},
      {".to_v.", ".value."},
      {".to_out.0.", ".proj_attn."},
  }};
  for (const auto& [layer, old_layer] : kLayers) {
    const size_t at = name.find(layer);
    if (at == std::string::npos) continue;
    return std::string(name).replace(at, layer.size(), old_layer);
  }
  return name;
}

}  // namespace deepcode
