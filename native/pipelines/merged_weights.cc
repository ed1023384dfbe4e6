#include "pipelines/merged_weights.h"

#include <ATen/ATen.h>

#include <memory>

#include "io/key_map/clip_names.h"
#include "io/mapped_weights.h"

namespace deepcode {
namespace {

// A module whose parameters have the names of the tensors: a submodule for every part but the last.
class NamedTensors : public torch::nn::Module {
 public:
  explicit NamedTensors(const MappedWeights& weights) {
    for (const std::string& name : weights.Names()) {
      if (at::isFloatingType(weights.Info(name).dtype))
        Add(name, weights.LoadFinite(name, at::kFloat));
    }
  }

 private:
  void Add(const std::string& name, const at::Tensor& value) {
    torch::nn::Module* module = this;
    size_t start = 0;
    for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', start)) {
      module = &Child(*module, name.substr(start, dot - start));
      start = dot + 1;
    }
    module->register_parameter(name.substr(start), value, /*requires_grad=*/false);
  }

  static torch::nn::Module& Child(torch::nn::Module& parent, const std::string& name) {
    const auto children = parent.named_children();
    if (const auto* found = children.find(name)) return **found;
    return *parent.register_module(name, std::make_shared<torch::nn::Module>());
  }
};

std::map<std::string, at::Tensor> TensorsOf(const torch::nn::Module& module) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& item : module.named_parameters())
    tensors[item.key()] = item.value().contiguous();
  return tensors;
}

}  // namespace

MergedWeights MergeIntoWeights(const MergedWeightsSpec& spec, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  NamedTensors unet(MappedWeights::Open(spec.unet));
  NamedTensors text_encoder(TextEncoderView(MappedWeights::Open(spec.text_encoder)));
  const int64_t changed = MergeLoras(spec.loras, {unet, text_encoder}, cancel);
  return {TensorsOf(unet), TensorsOf(text_encoder), changed};
}

}  // namespace deepcode
