#include "io/key_map.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr std::string_view kPeftPrefix = "base_model.model.";
constexpr std::string_view kAdapterName = ".default";  // PEFT's name for the first adapter
constexpr std::string_view kSavedWrapper = ".modules_to_save";

struct NamePair {
  std::string_view timm;
  std::array<std::string_view, 3> hf;  // the second and third are empty unless fused in timm
};

// Names below one block: timm "blocks.N.", transformers "<prefix>encoder.layer.N.".
constexpr NamePair kBlockNames[] = {
    {"norm1", {"layernorm_before"}},
    {"attn.qkv",
     {"attention.attention.query", "attention.attention.key", "attention.attention.value"}},
    {"attn.proj", {"attention.output.dense"}},
    {"norm2", {"layernorm_after"}},
    {"mlp.fc1", {"intermediate.dense"}},
    {"mlp.fc2", {"output.dense"}},
};

// Names below the prefix, with their parameter.
constexpr NamePair kStemNames[] = {
    {"cls_token", {"embeddings.cls_token"}},
    {"pos_embed", {"embeddings.position_embeddings"}},
    {"patch_embed.proj.weight", {"embeddings.patch_embeddings.projection.weight"}},
    {"patch_embed.proj.bias", {"embeddings.patch_embeddings.projection.bias"}},
    {"norm.weight", {"layernorm.weight"}},
    {"norm.bias", {"layernorm.bias"}},
};

// Names outside the prefix.
constexpr NamePair kHeadNames[] = {
    {"head.weight", {"classifier.weight"}},
    {"head.bias", {"classifier.bias"}},
};

constexpr std::string_view kTimmBlock = "blocks.";
constexpr std::string_view kHfBlock = "encoder.layer.";

bool ConsumePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool ConsumeSuffix(std::string_view* text, std::string_view suffix) {
  if (!text->ends_with(suffix)) return false;
  text->remove_suffix(suffix.size());
  return true;
}

std::string Join(std::string_view a, std::string_view b, std::string_view c = {},
                 std::string_view d = {}, std::string_view e = {}) {
  return std::string(a).append(b).append(c).append(d).append(e);
}

// "N.rest.parameter" into its three pieces.
struct BlockName {
  std::string_view index, layer, parameter;
};

std::optional<BlockName> SplitBlockName(std::string_view name) {
  const size_t first = name.find('.');
  const size_t last = name.rfind('.');
  if (first == std::string_view::npos || first == 0 || last <= first) return std::nullopt;
  const std::string_view index = name.substr(0, first);
  if (index.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return BlockName{index, name.substr(first + 1, last - first - 1), name.substr(last + 1)};
}

template <typename Table>
const NamePair* FindTimm(const Table& table, std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [&](const NamePair& pair) { return pair.timm == name; });
  return found == std::end(table) ? nullptr : found;
}

// The pair and the place of `name` among its transformers names.
template <typename Table>
std::pair<const NamePair*, int> FindHf(const Table& table, std::string_view name) {
  for (const NamePair& pair : table) {
    for (int part = 0; part < 3; ++part) {
      if (!pair.hf[part].empty() && pair.hf[part] == name) return {&pair, part};
    }
  }
  return {nullptr, 0};
}

int PartsOf(const NamePair& pair) { return pair.hf[1].empty() ? 1 : 3; }

std::vector<std::string> Difference(const std::vector<std::string>& a,
                                    const std::vector<std::string>& b) {
  std::vector<std::string> only_a;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  return only_a;
}

}  // namespace

void RequireKeys(std::vector<std::string> expected, std::vector<std::string> found,
                 const std::string& file) {
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  if (const auto missing = Difference(expected, found); !missing.empty()) {
    throw Error(ErrorCode::kWeightsMissing, Printable(file, 64) + " lacks " + ListNames(missing) +
                                                ". Use a checkpoint of this architecture.");
  }
  if (const auto extra = Difference(found, expected); !extra.empty()) {
    throw Error(ErrorCode::kWeightsUnexpected,
                Printable(file, 64) + " holds " + ListNames(extra) +
                    ", which the model does not have. Use a checkpoint of this architecture.");
  }
}

std::optional<PeftKey> ParsePeftKey(std::string_view name) {
  if (!ConsumePrefix(&name, kPeftPrefix)) return std::nullopt;
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view parameter = name.substr(dot + 1);
  std::string_view module = name.substr(0, dot);
  if (parameter != "weight" && parameter != "bias") return std::nullopt;
  const bool in_memory_name = ConsumeSuffix(&module, kAdapterName);
  PeftPart part = PeftPart::kSaved;
  if (ConsumeSuffix(&module, ".lora_A")) {
    part = PeftPart::kLoraA;
  } else if (ConsumeSuffix(&module, ".lora_B")) {
    part = PeftPart::kLoraB;
  } else if (!ConsumeSuffix(&module, kSavedWrapper) && in_memory_name) {
    return std::nullopt;
  }
  if (module.empty()) return std::nullopt;
  return PeftKey{part, std::string(module), std::string(parameter)};
}

std::string PeftName(const PeftKey& key) {
  const std::string_view wrapper = key.part == PeftPart::kLoraA   ? ".lora_A."
                                   : key.part == PeftPart::kLoraB ? ".lora_B."
                                                                  : ".";
  return Join(kPeftPrefix, key.module, wrapper, key.parameter);
}

std::optional<std::vector<std::string>> HfVitNames(std::string_view timm_name,
                                                   std::string_view prefix) {
  if (const NamePair* pair = FindTimm(kHeadNames, timm_name)) return {{std::string(pair->hf[0])}};
  if (const NamePair* pair = FindTimm(kStemNames, timm_name)) return {{Join(prefix, pair->hf[0])}};
  if (!ConsumePrefix(&timm_name, kTimmBlock)) return std::nullopt;
  const auto block = SplitBlockName(timm_name);
  const NamePair* pair = block ? FindTimm(kBlockNames, block->layer) : nullptr;
  if (pair == nullptr) return std::nullopt;
  const std::string start = Join(prefix, kHfBlock, block->index, ".");
  std::vector<std::string> names;
  for (int part = 0; part < PartsOf(*pair); ++part) {
    names.push_back(Join(start, pair->hf[part], ".", block->parameter));
  }
  return names;
}

std::optional<TimmSlice> TimmNameOfHfVit(std::string_view hf_name, std::string_view prefix) {
  if (const auto [pair, part] = FindHf(kHeadNames, hf_name); pair != nullptr) {
    return TimmSlice{std::string(pair->timm), 0, 1};
  }
  if (!ConsumePrefix(&hf_name, prefix)) return std::nullopt;
  if (const auto [pair, part] = FindHf(kStemNames, hf_name); pair != nullptr) {
    return TimmSlice{std::string(pair->timm), 0, 1};
  }
  if (!ConsumePrefix(&hf_name, kHfBlock)) return std::nullopt;
  const auto block = SplitBlockName(hf_name);
  if (!block) return std::nullopt;
  const auto [pair, part] = FindHf(kBlockNames, block->layer);
  if (pair == nullptr) return std::nullopt;
  return TimmSlice{Join(kTimmBlock, block->index, ".", pair->timm, Join(".", block->parameter)),
                   part, PartsOf(*pair)};
}

}  // namespace deepcode
