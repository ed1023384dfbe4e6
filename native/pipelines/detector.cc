#include "pipelines/detector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/vit_weights.h"
#include "nn/compute_dtype.h"
#include "pipelines/attention_rollout.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// Modules that an adapter saves replace the base's, whatever their shape there.
std::vector<std::string> ReplacedModules(const DetectorSpec& spec) {
  std::vector<std::string> modules;
  for (const DetectorAdapter& adapter : spec.adapters) {
    const std::vector<std::string>& saved = adapter.options.modules_to_save;
    modules.insert(modules.end(), saved.begin(), saved.end());
  }
  return modules;
}

void RequireFinite(const at::Tensor& rows, const char* what) {
  const at::Tensor finite = at::isfinite(rows).flatten(1).all(1);
  if (finite.all().item<bool>()) return;
  const int64_t index = finite.logical_not().to(at::kInt).argmax().item<int64_t>();
  throw Error(ErrorCode::kNonfinite, std::string("The ") + what + " of image " +
                                         std::to_string(index) +
                                         " of the batch is NaN or infinite. Try dtype fp32.");
}

// In memory of its own unless it is a matrix. What a forward pass reads of a matrix is its packed copy;
// anything else would stay a view of the file, and a file that somebody truncates ends the process.
at::Tensor Detached(const at::Tensor& stored, const at::Tensor& placed) {
  return stored.dim() != 2 && placed.is_same(stored) ? placed.clone() : placed;
}

at::Tensor ToHost(const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kFloat).contiguous(); }

}  // namespace

std::shared_ptr<Detector> Detector::Load(const DetectorSpec& spec, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<Detector> detector(new Detector(spec, std::make_shared<Vit>(spec.vit)));
  detector->LoadWeights(cancel);
  detector->Finish();
  return detector;
}

Detector::Detector(const DetectorSpec& spec, std::shared_ptr<Vit> vit)
    : spec_(spec), vit_(std::move(vit)) {}

void Detector::LoadWeights(const CancelToken& cancel) {
  const VitWeightsOptions options{.skipped_modules = ReplacedModules(spec_)};
  LoadVitWeights(*vit_, MappedWeights::Open(spec_.weights), options, cancel);
  for (const DetectorAdapter& adapter : spec_.adapters) {
    AttachAdapter(*vit_, adapter.options, at::Generator());
    LoadAdapter(*vit_, adapter.options, MappedWeights::Open(adapter.weights), cancel);
    MergeAdapters(*vit_);
  }
}

void Detector::Finish() {
  vit_->eval();
  for (at::Tensor& parameter : vit_->parameters()) {
    parameter.set_requires_grad(false);
    const at::Tensor stored = parameter.detach();
    parameter.set_data(Detached(stored, ToCompute(stored, spec_.device, spec_.dtype)));
  }
  vit_->Pack(spec_.batch_size);
}

at::Tensor Detector::Pixels(const ImageBatch& images) const {
  const VitOptions& o = spec_.vit;
  return NormalizedPixels(images, {o.image_height, o.image_width, o.in_channels, spec_.mean, spec_.std},
                          spec_.device, ComputeDtype(spec_.device, spec_.dtype));
}

DetectorScores Detector::Score(const ImageBatch& images, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const VitOutput output = vit_->Forward(Pixels(images), cancel);
  const DetectorScores scores{ToHost(output.logits.slice(1, 0, spec_.num_logits)),
                              ToHost(output.features)};
  RequireFinite(scores.logits, "score");
  RequireFinite(scores.features, "feature vector");
  return scores;
}

at::Tensor Detector::Rollout(const ImageBatch& images, double direction,
                             const CancelToken& cancel) {
  at::AutoGradMode grad(true);
  const VitOptions& o = spec_.vit;
  const at::Tensor pixels = Pixels(images).requires_grad_(true);
  std::vector<at::Tensor> attention;
  const at::Tensor logits = vit_->Forward(pixels, cancel, &attention).logits;
  const at::Tensor score = (direction * (logits.select(1, 1) - logits.select(1, 0))).sum();
  const std::vector<at::Tensor> gradients = torch::autograd::grad({score}, attention);
  cancel.ThrowIfCancelled();
  const at::Tensor relevance = GradientRollout(attention, gradients);  // [N, L, L]
  const at::Tensor patches = relevance.slice(2, o.prefix_tokens());
  const at::Tensor map =
      o.global_pool == Pool::kToken ? patches.select(1, 0) : patches.slice(1, o.prefix_tokens()).mean(1);
  RequireFinite(map, "heat map");
  return ToHost(map.detach()).view({images.count, o.grid_height(), o.grid_width()});
}

int64_t Detector::parameter_count() const {
  int64_t count = 0;
  for (const at::Tensor& parameter : vit_->parameters()) count += parameter.numel();
  return count;
}

int64_t Detector::memory_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& parameter : vit_->parameters()) bytes += parameter.nbytes();
  return bytes;
}

}  // namespace deepcode
