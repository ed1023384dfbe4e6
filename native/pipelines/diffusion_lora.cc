#include "pipelines/diffusion_lora.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "io/key_map/clip_names.h"
#include "io/key_map/lora_names.h"
#include "io/lora_metadata.h"
#include "io/mapped_weights.h"
#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// The rows of a parameter that one layer of a file changes: all, or a third of a fused projection.
struct Target {
  at::Tensor weight;
  int64_t row;
  int64_t rows;
};

using LayerKey = std::pair<LoraNetwork, std::string>;
using Targets = std::map<LayerKey, Target>;

// Keys of a file, by their part; an empty one is not there.
using Parts = std::array<std::string, 3>;

// W[row : row + rows] += factor * up down, both in fp32.
struct Update {
  Target target;
  at::Tensor down;  // [rank, in]; of a convolution [rank, in * kernel height * kernel width]
  at::Tensor up;    // [rows, rank]
  double factor;
};

const std::string& KeyOf(const Parts& parts, LoraPart part) {
  return parts[static_cast<size_t>(part)];
}

std::optional<std::string> WeightLayer(const std::string& parameter, const at::Tensor& value) {
  constexpr std::string_view kWeight = ".weight";
  if (value.dim() < 2 || !parameter.ends_with(kWeight)) return std::nullopt;
  return parameter.substr(0, parameter.size() - kWeight.size());
}

void AddTargets(const torch::nn::Module& module, LoraNetwork network, Targets* targets) {
  for (const auto& item : module.named_parameters()) {
    const auto layer = WeightLayer(item.key(), item.value());
    if (!layer) continue;
    const std::vector<std::string> names = network == LoraNetwork::kTextEncoder
                                               ? CheckpointLayers(*layer)
                                               : std::vector<std::string>{*layer};
    const int64_t rows = item.value().size(0) / static_cast<int64_t>(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      const int64_t row = static_cast<int64_t>(i) * rows;
      (*targets)[{network, LoraLayerName(names[i])}] = {item.value(), row, rows};
    }
  }
}

void RefuseKeys(const std::vector<std::string>& keys, const std::string& file) {
  if (keys.empty()) return;
  throw Error(ErrorCode::kWeightsUnexpected,
              Printable(file, 48) + " has keys that no layer of the model takes: " +
                  ListNames(keys, 140) + ". Use a LoRA file for this model.");
}

std::map<LayerKey, Parts> PartsOf(const MappedWeights& weights, const Targets& targets) {
  std::map<LayerKey, Parts> layers;
  std::vector<std::string> unmatched;
  for (const std::string& name : weights.Names()) {
    const auto key = ParseLoraKey(name);
    if (!key || !targets.contains({key->network, key->layer})) {
      unmatched.push_back(name);
      continue;
    }
    std::string& place = layers[{key->network, key->layer}][static_cast<size_t>(key->part)];
    if (!place.empty()) unmatched.push_back(name);  // the same layer in two spellings
    place = name;
  }
  RefuseKeys(unmatched, weights.file());
  return layers;
}

void RequirePair(const Parts& parts, const std::string& layer, const std::string& file) {
  const bool no_down = KeyOf(parts, LoraPart::kDown).empty();
  if (!no_down && !KeyOf(parts, LoraPart::kUp).empty()) return;
  throw Error(ErrorCode::kWeightsMissing, Printable(file, 64) + " lacks the " +
                                              (no_down ? "down (A)" : "up (B)") + " matrix of " +
                                              Printable(layer) + ".");
}

[[noreturn]] void RefuseShape(const MappedWeights& weights, const std::string& key,
                              const at::Tensor& layer) {
  std::ostringstream message;
  message << Printable(key) << " in " << Printable(weights.file(), 64) << " has the shape "
          << at::IntArrayRef(weights.Info(key).shape) << ", which does not fit a weight of "
          << layer.sizes() << ". Use a LoRA file for this model.";
  throw Error(ErrorCode::kWeightsShape, message.str());
}

at::Tensor LoadMatrix(const MappedWeights& weights, const std::string& key, const Target& target) {
  const at::Tensor value = weights.LoadFinite(key, at::kFloat);
  if (value.dim() < 2 || value.numel() == 0) RefuseShape(weights, key, target.weight);
  return value.flatten(1);
}

double AlphaOf(const LoraSettings& settings, const std::string& layer, double rank) {
  for (const auto& [name, alpha] : settings.layer_alphas) {
    const std::string end = LoraLayerName(name);
    if (layer == end || layer.ends_with("_" + end)) return alpha;
  }
  return settings.alpha.value_or(rank);
}

// alpha / rank, or alpha / sqrt(rank) (Kalajdzievski 2023, rsLoRA).
double Factor(const MappedWeights& weights, const Parts& parts, const LoraSettings& settings,
              const std::string& layer, double rank) {
  const std::string& key = KeyOf(parts, LoraPart::kAlpha);
  if (key.empty()) {
    return AlphaOf(settings, layer, rank) / (settings.rank_stabilized ? std::sqrt(rank) : rank);
  }
  const at::Tensor alpha = weights.LoadFinite(key, at::kFloat);
  if (alpha.numel() != 1) {
    throw Error(ErrorCode::kWeightsShape, "Expected one number for " + Printable(key) + " in " +
                                              Printable(weights.file(), 64) + ".");
  }
  return alpha.item<float>() / rank;
}

Update ReadUpdate(const MappedWeights& weights, const Parts& parts, const Target& target) {
  const std::string& down_key = KeyOf(parts, LoraPart::kDown);
  const std::string& up_key = KeyOf(parts, LoraPart::kUp);
  Update update{target, LoadMatrix(weights, down_key, target), LoadMatrix(weights, up_key, target),
                0.0};
  const int64_t columns = target.weight.numel() / target.weight.size(0);
  if (update.down.size(1) != columns) RefuseShape(weights, down_key, target.weight);
  if (update.up.size(0) != target.rows || update.up.size(1) != update.down.size(0)) {
    RefuseShape(weights, up_key, target.weight);
  }
  return update;
}

std::vector<Update> ReadUpdates(const LoraFile& file, const Targets& targets,
                                const CancelToken& cancel) {
  const MappedWeights weights = MappedWeights::Open(file.path);
  const auto settings_of = [&](const char* network) {
    return ReadLoraSettings(weights.metadata(), network, weights.file());
  };
  const LoraSettings unet = settings_of("unet"), text_encoder = settings_of("text_encoder");
  std::vector<Update> updates;
  for (const auto& [key, parts] : PartsOf(weights, targets)) {
    cancel.ThrowIfCancelled();
    const auto& [network, layer] = key;
    RequirePair(parts, layer, weights.file());
    Update update = ReadUpdate(weights, parts, targets.at(key));
    const LoraSettings& settings = network == LoraNetwork::kUnet ? unet : text_encoder;
    const auto rank = static_cast<double>(update.down.size(0));
    update.factor = file.scale * Factor(weights, parts, settings, layer, rank);
    updates.push_back(std::move(update));
  }
  return updates;
}

// Hu et al. 2022, equation 3, in a copy: the weight may be a view of a file.
void Apply(const Update& update) {
  at::Tensor weight = update.target.weight;
  const at::Tensor merged =
      weight.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true).contiguous();
  merged.narrow(0, update.target.row, update.target.rows)
      .flatten(1)
      .addmm_(update.up.to(merged.device()), update.down.to(merged.device()), 1.0, update.factor);
  weight.set_data(merged.to(weight.scalar_type()));
}

}  // namespace

int64_t MergeLoras(const std::vector<LoraFile>& files, const LoraNetworks& networks,
                   const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  if (files.empty()) return 0;
  Targets targets;
  AddTargets(networks.unet, LoraNetwork::kUnet, &targets);
  AddTargets(networks.text_encoder, LoraNetwork::kTextEncoder, &targets);
  int64_t changed = 0;
  for (const LoraFile& file : files) {
    for (const Update& update : ReadUpdates(file, targets, cancel)) {
      cancel.ThrowIfCancelled();
      Apply(update);
      ++changed;
    }
  }
  return changed;
}

}  // namespace deepcode
