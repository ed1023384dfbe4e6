#include "pipelines/gram_comparison.h"

#include <ATen/ATen.h>

#include "nn/compute_dtype.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

int64_t ValuesOf(const std::string& layer) {
  const int64_t channels = Vgg19Channels(layer);
  return channels * channels;
}

void CheckFinite(const at::Tensor& grams) {
  if (at::isfinite(grams).all().item<bool>()) return;
  throw Error(ErrorCode::kNonfinite, "A Gram matrix is NaN or infinite. Try fp32.");
}

}  // namespace

std::shared_ptr<GramComparison> GramComparison::Load(const GramSpec& spec,
                                                     const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<GramComparison> comparison(new GramComparison(spec));
  const MappedWeights weights = MappedWeights::Open(spec.weights);
  LoadVgg19(*comparison->model_, weights, spec.dtype, spec.device, cancel);
  return comparison;
}

GramComparison::GramComparison(const GramSpec& spec)
    : spec_(spec), model_(std::make_shared<Vgg19>(spec.vgg19)) {}

at::Tensor GramComparison::Grams(const ImageBatch& images, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const PixelOptions options{spec_.size, spec_.size, 3, spec_.mean, spec_.std};
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  std::vector<at::Tensor> grams;
  const auto add = [&](size_t, const at::Tensor& features) {
    const at::Tensor rows = GramMatrices(features, spec_.normalized).flatten(1);
    grams.push_back(rows.to(at::kCPU));
  };
  model_->Forward(NormalizedPixels(images, options, spec_.device, dtype), add, cancel);
  const at::Tensor joined = at::cat(grams, 1);
  CheckFinite(joined);
  return joined;
}

at::Tensor GramComparison::Distances(const at::Tensor& gram, const at::Tensor& others,
                                     GramDistance distance, const CancelToken& cancel) const {
  c10::InferenceMode inference;
  std::vector<at::Tensor> columns;
  int64_t start = 0;
  for (const std::string& layer : spec_.vgg19.layers) {
    cancel.ThrowIfCancelled();
    const int64_t end = start + ValuesOf(layer);
    const at::Tensor one = gram.slice(0, start, end);
    columns.push_back(GramDistances(one, others.slice(1, start, end), distance));
    start = end;
  }
  return at::stack(columns, 1).contiguous();
}

int64_t GramComparison::gram_values() const {
  int64_t values = 0;
  for (const std::string& layer : spec_.vgg19.layers) values += ValuesOf(layer);
  return values;
}

int64_t GramComparison::memory_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& parameter : model_->parameters()) bytes += parameter.nbytes();
  return bytes;
}

}  // namespace deepcode
