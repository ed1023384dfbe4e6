// Names of an AutoencoderKL's attention before diffusers 0.17: query, key, value and proj_attn for
// to_q, to_k, to_v and to_out.0.
#pragma once

#include <string>

namespace deepcode {

// The old name of a tensor ("decoder.mid_block.attentions.0.query.weight" for "...to_q.weight"). A
// name that did not change stands for itself.
std::string OldVaeName(const std::string& name);

}  // namespace deepcode
