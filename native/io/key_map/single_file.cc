#include "io/key_map/single_file.h"

#include <algorithm>
#include <vector>

#include "io/key_map/name_pieces.h"
#include "io/key_map/original_unet.h"
#include "io/key_map/original_vae.h"
#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

using names::Consume;
using names::ConsumeIndex;

constexpr std::string_view kUnetPrefix = "model.diffusion_model.";
constexpr std::string_view kVaePrefix = "first_stage_model.";
constexpr std::string_view kTextPrefix = "cond_stage_model.transformer.";

// Text encoders of other versions: OpenCLIP's in 2.x, two of them in XL.
constexpr std::string_view kOtherTextEncoders[] = {"cond_stage_model.model.", "conditioner."};

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
  if (part == StableDiffusionPart::kUnet) return DiffusersUnetName(name, levels);
  return part == StableDiffusionPart::kVae ? DiffusersVaeName(name, levels) : std::string(name);
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
