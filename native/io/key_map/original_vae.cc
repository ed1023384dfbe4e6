#include "io/key_map/original_vae.h"

#include "io/key_map/name_pieces.h"

namespace deepcode {
namespace {

using names::Block;
using names::Consume;
using names::ConsumeIndex;
using names::Name;
using names::Pair;
using names::Replace;
using names::ReplaceStart;

constexpr Pair kVaeMiddle[] = {
    {"mid.block_1.", "mid_block.resnets.0."},
    {"mid.attn_1.", "mid_block.attentions.0."},
    {"mid.block_2.", "mid_block.resnets.1."},
    {"norm_out.", "conv_norm_out."},
};

constexpr Pair kVaeAttention[] = {
    {"norm.", "group_norm."},   {"q.", "to_q."}, {"k.", "to_k."}, {"v.", "to_v."},
    {"proj_out.", "to_out.0."},
};

constexpr Pair kVaeResnet[] = {{"nin_shortcut.", "conv_shortcut."}};

std::string VaeResnet(std::string start, std::string_view rest) {
  return start + ReplaceStart(kVaeResnet, rest).value_or(std::string(rest));
}

// Below "down.N." or "up.N.".
Name VaeLevel(const char* direction, int64_t level, std::string_view rest) {
  if (Consume(&rest, "block.")) {
    const auto layer = ConsumeIndex(&rest);
    if (!layer) return std::nullopt;
    return VaeResnet(Block(direction, level, "resnets", *layer), rest);
  }
  const std::string sampler = std::string(direction) + "sample.";
  if (!Consume(&rest, sampler)) return std::nullopt;
  const std::string kind = std::string(direction) + "samplers";
  return Block(direction, level, kind.c_str(), 0).append(rest);
}

// Below "encoder." or "decoder.".
Name VaeCoder(std::string_view rest, int64_t levels) {
  if (Consume(&rest, "down.")) {
    const auto level = ConsumeIndex(&rest);
    return level ? VaeLevel("down", *level, rest) : std::nullopt;
  }
  if (Consume(&rest, "up.")) {
    const auto level = ConsumeIndex(&rest);
    return level && *level < levels ? VaeLevel("up", levels - 1 - *level, rest) : std::nullopt;
  }
  const auto found = Replace(kVaeMiddle, rest);
  if (!found) return std::string(rest);  // conv_in and conv_out
  const auto& [start, inner] = *found;
  if (start.find("attentions") != std::string::npos) {
    const Name part = ReplaceStart(kVaeAttention, inner);
    return part ? Name(start + *part) : std::nullopt;
  }
  return VaeResnet(start, inner);
}

}  // namespace

std::optional<std::string> DiffusersVaeName(std::string_view name, int64_t levels) {
  for (const std::string_view coder : {"encoder.", "decoder."}) {
    if (!Consume(&name, coder)) continue;
    const Name inner = VaeCoder(name, levels);
    return inner ? Name(std::string(coder) + *inner) : std::nullopt;
  }
  return std::string(name);  // quant_conv and post_quant_conv
}

}  // namespace deepcode
