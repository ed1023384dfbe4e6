// The only place where names of weights are changed or compared.
//
// Inside, a ViT has timm's names. PEFT files wrap them; transformers' ViT has other names and keeps
// query, key and value apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deepcode {

// Throws kWeightsMissing where `expected` has names that `found` lacks, else kWeightsUnexpected for
// the opposite. Both are lists without duplicates in any order; `file` is used in the message,
// which lists the first names and counts the rest.
void RequireKeys(std::vector<std::string> expected, std::vector<std::string> found,
                 const std::string& file);

// ---- PEFT (LoRA) -----------------------------------------------------------------------------
// A file of PEFT's LoRA holds, for each adapted layer `m`,
//   base_model.model.<m>.lora_A.weight   [rank, in]
//   base_model.model.<m>.lora_B.weight   [out, rank]
// and for each layer `m` of modules_to_save  base_model.model.<m>.<parameter>.
enum class PeftPart { kLoraA, kLoraB, kSaved };

struct PeftKey {
  PeftPart part;
  std::string module;     // "blocks.0.attn.qkv"
  std::string parameter;  // "weight" or "bias"
  bool operator==(const PeftKey&) const = default;
};

// nullopt for a name that is none of these. Also reads the names that PEFT has in memory
// (`lora_A.default.weight`, `modules_to_save.default.weight`), which older versions stored.
std::optional<PeftKey> ParsePeftKey(std::string_view name);
// The name in the file.
std::string PeftName(const PeftKey& key);

// ---- transformers' ViT -----------------------------------------------------------------------
// The names whose tensors, joined along dimension 0, make timm's `timm_name`: three for the fused
// qkv, otherwise one. `prefix` is what stands before "embeddings." in the file ("vit.", "encoder."
// or ""). nullopt for a parameter that transformers' ViT does not have.
std::optional<std::vector<std::string>> HfVitNames(std::string_view timm_name,
                                                   std::string_view prefix);

// Which third, or all, of which timm tensor a transformers name is.
struct TimmSlice {
  std::string name;
  int part;   // 0, 1, 2 = query, key, value; 0 where parts is 1
  int parts;  // 3 for qkv, otherwise 1
  bool operator==(const TimmSlice&) const = default;
};
std::optional<TimmSlice> TimmNameOfHfVit(std::string_view hf_name, std::string_view prefix);

}  // namespace deepcode
