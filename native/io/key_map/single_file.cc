#include "io/key_map/single_file.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

struct Pair {
  std::string_view original;
  std::string_view diffusers;
};

constexpr std::string_view kUnetPrefix = "model.diffusion_model.";
constexpr std::string_view kVaePrefix = "first_stage_model.";
constexpr std::string_view kTextPrefix = "cond_stage_model.transformer.";

// Text encoders of other versions: OpenCLIP's in 2.x, two of them in XL.
constexpr std::string_view kOtherTextEncoders[] = {"cond_stage_model.model.", "conditioner."};

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

using Name = std::optional<std::string>;

bool Consume(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// "12." off the front.
std::optional<int64_t> ConsumeIndex(std::string_view* text) {
  int64_t index = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), index);
  const auto digits = static_cast<size_t>(end - text->data());
  if (error != std::errc() || digits > 4 || index < 0) return std::nullopt;
  if (digits >= text->size() || (*text)[digits] != '.') return std::nullopt;
  text->remove_prefix(digits + 1);
  return index;
}

// The first name of the table that `name` begins with, replaced, and what follows it.
template <typename Table>
std::optional<std::pair<std::string, std::string_view>> Replace(const Table& table,
                                                                std::string_view name) {
  for (const auto& [original, diffusers] : table) {
    if (Consume(&name, original)) return {{std::string(diffusers), name}};
  }
  return std::nullopt;
}

template <typename Table>
Name ReplaceStart(const Table& table, std::string_view name) {
  const auto found = Replace(table, name);
  return found ? Name(found->first + std::string(found->second)) : std::nullopt;
}

// What stands in a residual block: `start` is the block's name with its dot.
Name UnetResnet(const std::string& start, std::string_view rest) {
  const Name inner = ReplaceStart(kUnetResnet, rest);
  return inner ? Name(start + *inner) : std::nullopt;
}

std::string Block(const char* direction, int64_t block, const char* kind, int64_t layer) {
  return std::string(direction) + "_blocks." + std::to_string(block) + "." + kind + "." +
         std::to_string(layer) + ".";
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

Name UnetName(std::string_view name, int64_t layers) {
  if (Consume(&name, "middle_block.")) return UnetMiddle(name);
  if (Name stem = ReplaceStart(kUnetStem, name)) return stem;
  if (Consume(&name, "input_blocks.")) return UnetInput(name, layers);
  if (Consume(&name, "output_blocks.")) return UnetOutput(name, layers);
  return std::nullopt;
}

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

Name VaeName(std::string_view name, int64_t levels) {
  for (const std::string_view coder : {"encoder.", "decoder."}) {
    if (!Consume(&name, coder)) continue;
    const Name inner = VaeCoder(name, levels);
    return inner ? Name(std::string(coder) + *inner) : std::nullopt;
  }
  return std::string(name);  // quant_conv and post_quant_conv
}

std::string_view PrefixOf(StableDiffusionPart part) {
  if (part == StableDiffusionPart::kUnet) return kUnetPrefix;
  return part == StableDiffusionPart::kVae ? kVaePrefix : kTextPrefix;
}

// Layers of a level: its downsampler, or else the end of the list, comes behind them.
int64_t UnetLayers(const std::vector<std::string>& names) {
  int64_t first_sampler = INT64_MAX, last = 0;
  for (std::string_view name : names) {
    if (!Consume(&name, kUnetPrefix) || !Consume(&name, "input_blocks.")) continue;
    const int64_t index = ConsumeIndex(&name).value_or(0);
    last = std::max(last, index);
    if (name.starts_with("0.op.")) first_sampler = std::min(first_sampler, index);
  }
  return std::max<int64_t>(1, first_sampler == INT64_MAX ? last : first_sampler - 1);
}

int64_t VaeLevels(const std::vector<std::string>& names) {
  int64_t levels = 0;
  for (std::string_view name : names) {
    if (!Consume(&name, kVaePrefix) || !Consume(&name, "decoder.up.")) continue;
    levels = std::max(levels, 1 + ConsumeIndex(&name).value_or(-1));
  }
  return levels;
}

int64_t LevelsOf(StableDiffusionPart part, const std::vector<std::string>& names) {
  if (part == StableDiffusionPart::kUnet) return UnetLayers(names);
  return part == StableDiffusionPart::kVae ? VaeLevels(names) : 0;
}

void RefuseOtherVersions(const std::vector<std::string>& names, const std::string& file) {
  for (const std::string_view prefix : kOtherTextEncoders) {
    const auto found = std::lower_bound(names.begin(), names.end(), prefix);
    if (found == names.end() || !found->starts_with(prefix)) continue;
    throw Error(ErrorCode::kWeightsFormat,
                Printable(file, 64) +
                    " is not of Stable Diffusion 1.x: its text encoder is another "
                    "one. Use the model's diffusers folder.");
  }
}

}  // namespace

StableDiffusionPart ParseStableDiffusionPart(std::string_view name) {
  if (name == "unet") return StableDiffusionPart::kUnet;
  if (name == "vae") return StableDiffusionPart::kVae;
  if (name == "text_encoder") return StableDiffusionPart::kTextEncoder;
  throw Error(ErrorCode::kConfig,
              "Expected unet, vae or text_encoder but received '" + Printable(name) + "'.");
}

std::optional<std::string> DiffusersName(StableDiffusionPart part, std::string_view name,
                                         int64_t levels) {
  if (!Consume(&name, PrefixOf(part))) return std::nullopt;
  if (part == StableDiffusionPart::kUnet) return UnetName(name, levels);
  return part == StableDiffusionPart::kVae ? VaeName(name, levels) : std::string(name);
}

TensorNames SingleFileNames(const MappedWeights& checkpoint, StableDiffusionPart part) {
  const std::vector<std::string> names = checkpoint.Names();
  RefuseOtherVersions(names, checkpoint.file());
  const int64_t levels = LevelsOf(part, names);
  TensorNames result;
  for (const std::string& name : names) {
    if (!name.starts_with(PrefixOf(part))) continue;
    result[DiffusersName(part, name, levels).value_or(name)] = {name};
  }
  if (!result.empty()) return result;
  throw Error(ErrorCode::kWeightsMissing,
              Printable(checkpoint.file(), 64) + " has no tensors under " +
                  std::string(PrefixOf(part)) + " Use a whole Stable Diffusion 1.x checkpoint.");
}

MappedWeights SingleFilePart(const MappedWeights& checkpoint, StableDiffusionPart part) {
  return checkpoint.Renamed(SingleFileNames(checkpoint, part));
}

}  // namespace deepcode
