#include "pipelines/vit_network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/vit_weights.h"
#include "pipelines/attention_rollout.h"

namespace deepcode {
namespace {

// Modules that an adapter saves replace the base's, whatever their shape there.
std::vector<std::string> ReplacedModules(const VitNetworkSpec& spec) {
  std::vector<std::string> modules;
  for (const DetectorAdapter& adapter : spec.adapters) {
    const std::vector<std::string>& saved = adapter.options.modules_to_save;
    modules.insert(modules.end(), saved.begin(), saved.end());
  }
  return modules;
}

}  // namespace

VitNetwork::VitNetwork(const VitNetworkSpec& spec, const std::string& weights,
                       const CancelToken& cancel)
    : vit_(spec.vit) {
  const VitWeightsOptions options{.skipped_modules = ReplacedModules(spec)};
  LoadVitWeights(vit_, MappedWeights::Open(weights), options, cancel);
  for (const DetectorAdapter& adapter : spec.adapters) {
    AttachAdapter(vit_, adapter.options, at::Generator());
    LoadAdapter(vit_, adapter.options, MappedWeights::Open(adapter.weights), cancel);
    MergeAdapters(vit_);
  }
  vit_.Fold();
}

ImageShape VitNetwork::image() const {
  const VitOptions& o = vit_.options();
  return {o.in_channels, o.image_height, o.image_width};
}

FeatureSize VitNetwork::grid() const {
  return {1, vit_.options().grid_height(), vit_.options().grid_width()};
}

NetworkScores VitNetwork::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  const VitOutput output = vit_.Forward(pixels, cancel);
  return {output.features, output.logits};
}

at::Tensor VitNetwork::Heatmap(const at::Tensor& pixels, double direction,
                               const CancelToken& cancel) {
  at::AutoGradMode grad(true);
  const VitOptions& o = vit_.options();
  std::vector<at::Tensor> attention;
  const at::Tensor logits = vit_.Forward(pixels, cancel, &attention).logits;
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({DirectedScore(logits, direction)}, attention);
  cancel.ThrowIfCancelled();
  const at::Tensor relevance = GradientRollout(attention, gradients);  // [N, L, L]
  const at::Tensor patches = relevance.slice(2, o.prefix_tokens());
  const at::Tensor map = o.global_pool == Pool::kToken
                             ? patches.select(1, 0)
                             : patches.slice(1, o.prefix_tokens()).mean(1);
  return map.detach().reshape({pixels.size(0), o.grid_height(), o.grid_width()});
}

}  // namespace deepcode
