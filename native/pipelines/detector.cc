#include "pipelines/detector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "nn/compute_dtype.h"
#include "pipelines/flip_average.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

void RequireFinite(const at::Tensor& rows, const char* what) {
  const at::Tensor finite = at::isfinite(rows).flatten(1).all(1);
  if (finite.all().item<bool>()) return;
  const int64_t index = finite.logical_not().to(at::kInt).argmax().item<int64_t>();
  throw Error(ErrorCode::kNonfinite, std::string("The ") + what + " of image " +
                                         std::to_string(index) +
                                         " of the batch is NaN or infinite. Try dtype fp32.");
}

// In memory of its own unless it is a matrix. What a forward pass reads of a matrix is its packed
// copy; anything else would stay a view of the file, and a file that somebody truncates ends the
// process.
at::Tensor Detached(const at::Tensor& stored, const at::Tensor& placed) {
  return stored.dim() != 2 && placed.is_same(stored) ? placed.clone() : placed;
}

at::Tensor ToHost(const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kFloat).contiguous(); }

struct NetworkLoader {
  const std::string& weights;
  const CancelToken& cancel;

  std::unique_ptr<DetectorNetwork> operator()(const VitNetworkSpec& spec) const {
    return std::make_unique<VitNetwork>(spec, weights, cancel);
  }
  std::unique_ptr<DetectorNetwork> operator()(const XceptionNetworkSpec& spec) const {
    return std::make_unique<XceptionNetwork>(spec, weights, cancel);
  }
  std::unique_ptr<DetectorNetwork> operator()(const FairDetectorOptions& options) const {
    return std::make_unique<FairNetwork>(options, weights, cancel);
  }
};

}  // namespace

std::shared_ptr<Detector> Detector::Load(const DetectorSpec& spec, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  auto network = std::visit(NetworkLoader{spec.weights, cancel}, spec.network);
  std::shared_ptr<Detector> detector(new Detector(spec, std::move(network)));
  detector->PlaceWeights();
  detector->CountWeights();
  detector->network_->Prepare(spec.flip_average ? 2 * spec.batch_size : spec.batch_size);
  return detector;
}

Detector::Detector(const DetectorSpec& spec, std::unique_ptr<DetectorNetwork> network)
    : spec_(spec), network_(std::move(network)) {}

void Detector::PlaceWeights() {
  torch::nn::Module& module = network_->module();
  module.eval();
  for (at::Tensor& parameter : module.parameters()) {
    parameter.set_requires_grad(false);
    const at::Tensor stored = parameter.detach();
    parameter.set_data(Detached(stored, ToCompute(stored, spec_.device, spec_.dtype)));
  }
}

void Detector::CountWeights() {
  for (const at::Tensor& parameter : network_->module().parameters()) {
    parameter_count_ += parameter.numel();
    memory_bytes_ += static_cast<int64_t>(parameter.nbytes());
  }
}

at::Tensor Detector::Pixels(const ImageBatch& images) const {
  const ImageShape shape = network_->image();
  const PixelOptions options{shape.height, shape.width, shape.channels, spec_.mean, spec_.std};
  return NormalizedPixels(images, options, spec_.device, ComputeDtype(spec_.device, spec_.dtype));
}

DetectorScores Detector::Score(const ImageBatch& images, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const at::Tensor pixels = Pixels(images);
  const NetworkScores output =
      network_->Forward(spec_.flip_average ? WithMirrorImages(pixels) : pixels, cancel);
  DetectorScores scores{ToHost(output.logits.slice(1, 0, spec_.num_logits)),
                        ToHost(output.features)};
  if (spec_.flip_average) {
    scores = {MeanOfMirrorImages(scores.logits), MeanOfMirrorImages(scores.features)};
  }
  RequireFinite(scores.logits, "score");
  RequireFinite(scores.features, "feature vector");
  return scores;
}

at::Tensor Detector::Heatmap(const ImageBatch& images, double direction,
                             const CancelToken& cancel) {
  const at::Tensor pixels = Pixels(images);
  at::Tensor map = network_->Heatmap(pixels, direction, cancel);
  if (spec_.flip_average) {
    // One after the other: what a backward pass keeps is the memory that this takes.
    map = (map + network_->Heatmap(pixels.flip(3), direction, cancel).flip(2)) / 2;
  }
  RequireFinite(map, "heat map");
  return ToHost(map);
}

}  // namespace deepcode
