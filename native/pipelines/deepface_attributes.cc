#include "pipelines/deepface_attributes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "io/key_map/keras_layers.h"
#include "nn/compute_dtype.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

struct VggFaceUse {
  const char* attribute;
  std::string DeepFaceSpec::*path;
  int64_t classes;
};
constexpr std::array<VggFaceUse, 3> kVggFaces = {{{"age", &DeepFaceSpec::age, 101},
                                                  {"gender", &DeepFaceSpec::gender, 2},
                                                  {"race", &DeepFaceSpec::race, 6}}};

// Bit for bit.
bool SameTrunk(const MappedWeights& a, const MappedWeights& b) {
  const std::vector<std::string> names = VggFaceTrunkNames();
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    const TensorInfo &one = a.Info(name), &other = b.Info(name);
    return one.dtype == other.dtype && one.shape == other.shape && a.Bytes(name) == b.Bytes(name);
  });
}

// The part of a file that one module reads: of the trunk, or all but the trunk.
MappedWeights PartOf(const MappedWeights& weights, bool trunk) {
  const std::vector<std::string> names = VggFaceTrunkNames();
  TensorNames wanted;
  for (const std::string& name : weights.Names()) {
    const bool in_trunk = std::find(names.begin(), names.end(), name) != names.end();
    if (in_trunk == trunk) wanted[name] = {name};
  }
  return weights.Renamed(wanted);
}

void RequireFinite(const Attributes& attributes) {
  for (const auto& [name, values] : attributes) {
    if (at::isfinite(values).all().item<bool>()) continue;
    throw Error(ErrorCode::kNonfinite, "The network's " + name + " is NaN or infinite. Try fp32.");
  }
}

}  // namespace

std::shared_ptr<DeepFaceAttributes> DeepFaceAttributes::Load(const DeepFaceSpec& spec,
                                                             const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<DeepFaceAttributes> attributes(new DeepFaceAttributes(spec));
  attributes->LoadVggFace(cancel);
  attributes->LoadEmotion(cancel);
  return attributes;
}

void DeepFaceAttributes::LoadVggFace(const CancelToken& cancel) {
  std::vector<MappedWeights> files;  // of each trunk
  for (const auto& [attribute, path, classes] : kVggFaces) {
    if ((spec_.*path).empty()) continue;
    const MappedWeights weights = KerasLayerView(MappedWeights::Open(spec_.*path));
    const VggFaceOptions options = VggFaceOptionsOf(weights, classes);
    const auto same = std::find_if(files.begin(), files.end(), [&](const MappedWeights& file) {
      return SameTrunk(file, weights);
    });
    const auto trunk = static_cast<size_t>(same - files.begin());
    if (same == files.end()) {
      trunks_.push_back(std::make_shared<VggFaceTrunk>(options));
      Fill(*trunks_.back(), PartOf(weights, /*trunk=*/true), cancel);
      trunks_.back()->Prepare(/*batch=*/1);
      files.push_back(weights);
    }
    heads_.push_back({attribute, trunk, std::make_shared<VggFaceHead>(options)});
    Fill(*heads_.back().head, PartOf(weights, /*trunk=*/false), cancel);
  }
}

void DeepFaceAttributes::LoadEmotion(const CancelToken& cancel) {
  if (spec_.emotion.empty()) return;
  const MappedWeights weights = KerasLayerView(MappedWeights::Open(spec_.emotion));
  emotion_ = std::make_shared<EmotionCnn>(EmotionCnnOptionsOf(weights));
  Fill(*emotion_, weights, cancel);
}

void DeepFaceAttributes::Fill(torch::nn::Module& module, const MappedWeights& weights,
                              const CancelToken& cancel) {
  const ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {}, .dtype = spec_.dtype, .device = spec_.device};
  LoadModuleWeights(module, weights, options, cancel);
  for (const at::Tensor& parameter : module.parameters()) {
    memory_bytes_ += static_cast<int64_t>(parameter.nbytes());
  }
}

Attributes DeepFaceAttributes::ReadGroup(const FacePicture* pictures, size_t count,
                                         const CancelToken& cancel) const {
  std::vector<at::Tensor> each;
  for (size_t i = 0; i < count; ++i) {
    each.push_back(DeepFacePixels(pictures[i], VggFaceTrunk::kImageSize));
  }
  const at::Tensor pixels = at::cat(each);
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  const at::Tensor input =
      pixels.to(spec_.device, dtype).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<at::Tensor> features;
  for (const auto& trunk : trunks_) features.push_back(trunk->Forward(input, cancel));
  Attributes attributes;
  for (const auto& [attribute, trunk, head] : heads_) {
    cancel.ThrowIfCancelled();
    attributes.emplace_back(attribute, head->Forward(features[trunk]));
  }
  if (emotion_) {
    const at::Tensor grey = DeepFaceGrey(pixels, EmotionCnn::kImageSize);
    attributes.emplace_back("emotion", emotion_->Forward(grey.to(spec_.device, dtype), cancel));
  }
  for (auto& [name, values] : attributes) values = values.to(at::kCPU, at::kFloat).contiguous();
  return attributes;
}

Attributes DeepFaceAttributes::Read(const std::vector<FacePicture>& pictures,
                                    const CancelToken& cancel) const {
  c10::InferenceMode inference;
  Attributes all;
  for (size_t first = 0; first < pictures.size(); first += kGroup) {
    const size_t count = std::min(kGroup, pictures.size() - first);
    Attributes group = ReadGroup(pictures.data() + first, count, cancel);
    if (all.empty()) {
      all = std::move(group);
      continue;
    }
    for (size_t i = 0; i < all.size(); ++i) {
      all[i].second = at::cat({all[i].second, group[i].second});
    }
  }
  RequireFinite(all);
  return all;
}

}  // namespace deepcode
