// A ViT of transformers under timm's names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/mapped_weights.h"

namespace deepcode {

// What of `weights` makes `timm_names`, under these names, with query, key and value joined. What
// begins with `prefix` and is none of it is refused, but for a pooler, which a plain ViT lacks.
// Throws ERR_WEIGHTS_MISSING, ERR_WEIGHTS_UNEXPECTED.
MappedWeights HfVitView(const MappedWeights& weights, const std::vector<std::string>& timm_names,
                        std::string_view prefix);

}  // namespace deepcode
