#include "io/key_map/original_unet.h"

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

constexpr Pair kUnetStem[] = {
    {"time_embed.0.", "time_embedding.linear_1."},
    {"time_embed.2.", "time_embedding.linear_2."},
    {"input_blocks.0.0.", "conv_in."},
    {"out.0.", "conv_norm_out."},
    {"out.2.", "conv_out."},
};

constexpr Pair kUnetMiddle[] = {
    {"0.", "mid_block.resnets.0."},
    {"1.", "mid_block.attentions.0."},
    {"2.", "mid_block.resnets.1."},
};

constexpr Pair kUnetResnet[] = {
    {"in_layers.0.", "norm1."},          {"in_layers.2.", "conv1."},
    {"emb_layers.1.", "time_emb_proj."}, {"out_layers.0.", "norm2."},
    {"out_layers.3.", "conv2."},         {"skip_connection.", "conv_shortcut."},
};

// What stands in a residual block: `start` is the block's name with its dot.
Name UnetResnet(const std::string& start, std::string_view rest) {
  const Name inner = ReplaceStart(kUnetResnet, rest);
  return inner ? Name(start + *inner) : std::nullopt;
}

// The list is flat there: conv_in, then for every level its layers and, but for the last, a
// downsampler.
Name UnetInput(std::string_view rest, int64_t layers) {
  const auto index = ConsumeIndex(&rest);
  const auto place = index && *index > 0 ? ConsumeIndex(&rest) : std::nullopt;
  if (!place) return std::nullopt;
  const int64_t block = (*index - 1) / (layers + 1), layer = (*index - 1) % (layers + 1);
  if (*place == 0 && Consume(&rest, "op.")) {
    return Block("down", block, "downsamplers", 0).append("conv.").append(rest);
  }
  if (*place == 0) return UnetResnet(Block("down", block, "resnets", layer), rest);
  return *place == 1 ? Name(Block("down", block, "attentions", layer).append(rest)) : std::nullopt;
}

// One layer more a level; the upsampler stands in the last one, behind the attention if there is
// one.
Name UnetOutput(std::string_view rest, int64_t layers) {
  const auto index = ConsumeIndex(&rest);
  const auto place = index ? ConsumeIndex(&rest) : std::nullopt;
  if (!place) return std::nullopt;
  const int64_t block = *index / (layers + 1), layer = *index % (layers + 1);
  if (*place == 0) return UnetResnet(Block("up", block, "resnets", layer), rest);
  if (*place > 2) return std::nullopt;
  if (Consume(&rest, "conv.")) {
    return Block("up", block, "upsamplers", 0).append("conv.").append(rest);
  }
  return *place == 1 ? Name(Block("up", block, "attentions", layer).append(rest)) : std::nullopt;
}

Name UnetMiddle(std::string_view rest) {
  const auto found = Replace(kUnetMiddle, rest);
  if (!found) return std::nullopt;
  const auto& [start, inner] = *found;
  if (start.find("resnets") != std::string::npos) return UnetResnet(start, inner);
  return start + std::string(inner);
}

}  // namespace

std::optional<std::string> DiffusersUnetName(std::string_view name, int64_t layers) {
  if (Consume(&name, "middle_block.")) return UnetMiddle(name);
  if (Name stem = ReplaceStart(kUnetStem, name)) return stem;
  if (Consume(&name, "input_blocks.")) return UnetInput(name, layers);
  if (Consume(&name, "output_blocks.")) return UnetOutput(name, layers);
  return std::nullopt;
}

}  // namespace deepcode
