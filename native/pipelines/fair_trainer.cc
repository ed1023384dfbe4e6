#include "pipelines/fair_trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "io/mapped_weights.h"
#include "models/xception_weights.h"
#include "nn/autocast.h"
#include "pipelines/module_export.h"
#include "pipelines/trainer_state.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace deepcode {
namespace {

// Streams from one seed: weights first, then dropout, then the contrastive loss' draws of each
// step.
constexpr uint64_t kDropoutStream = 0x9e3779b97f4a7c15ULL;
constexpr uint64_t kContrastStream = 0xd1b54a32d192ed03ULL;

at::Tensor ToHost(const at::Tensor& tensor) {
  return tensor.detach().to(at::kCPU, at::kFloat).contiguous();
}

at::Tensor Numbers(const uint8_t* bytes, int64_t count, int64_t limit, const char* what) {
  const at::Tensor numbers =
      at::from_blob(const_cast<uint8_t*>(bytes), {count}, at::TensorOptions(at::kByte));
  if (numbers.max().item<uint8_t>() < limit) return numbers.to(at::kLong);
  throw Error(ErrorCode::kShape, std::string("Expected numbers of ") + what + " below " +
                                     std::to_string(limit) + " for the network.");
}

std::shared_ptr<FairDetector> BuildNetwork(const FairTrainerSpec& spec,
                                           const at::Generator& generator,
                                           const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  auto network = std::make_shared<FairDetector>(spec.network);
  network->InitWeights(generator);
  if (spec.weights) {
    const MappedWeights weights = MappedWeights::Open(*spec.weights);
    LoadFairDetectorWeights(*network, weights, {at::kFloat, at::kCPU}, cancel);
  } else if (spec.encoders) {
    LoadEncoders(*network, MappedWeights::Open(*spec.encoders), cancel);
  }
  network->to(spec.device);
  return network;
}

// Biases and norms decay like everything else, as in the reference.
std::vector<OptimizedParameter> Parameters(const FairDetector& network) {
  std::vector<OptimizedParameter> parameters;
  for (const auto& item : network.named_parameters()) {
    parameters.push_back({item.key(), item.value().set_requires_grad(true), /*decay=*/true});
  }
  return parameters;
}

std::vector<std::pair<std::string, double>> Parts(const FairLosses& losses) {
  const std::pair<const char*, const at::Tensor&> named[] = {
      {"fused", losses.fused},
      {"common", losses.common},
      {"specific", losses.specific},
      {"demographic", losses.demographic},
      {"contrastive", losses.contrastive},
      {"reconstruction", losses.reconstruction}};
  std::vector<std::pair<std::string, double>> parts;
  for (const auto& [name, loss] : named) {
    if (loss.defined()) parts.emplace_back(name, loss.item<double>());
  }
  return parts;
}

}  // namespace

std::shared_ptr<FairTrainer> FairTrainer::Create(const FairTrainerSpec& spec,
                                                 const CancelToken& cancel) {
  const at::Generator generator = NewGenerator(at::kCPU, spec.seed);
  auto network = BuildNetwork(spec, generator, cancel);
  return std::shared_ptr<FairTrainer>(new FairTrainer(spec, std::move(network)));
}

FairTrainer::FairTrainer(const FairTrainerSpec& spec, std::shared_ptr<FairDetector> network)
    : spec_(spec),
      network_(std::move(network)),
      generator_(NewGenerator(spec.device, spec.seed ^ kDropoutStream)),
      step_(std::make_unique<GradientStep>(Parameters(*network_), spec.optimizer)) {
  network_->SetGenerator(generator_);
}

at::Tensor FairTrainer::Pixels(const ImageBatch& images) const {
  const FairDetectorOptions& o = spec_.network;
  const PixelOptions options{o.image_height, o.image_width, o.in_channels, spec_.mean, spec_.std};
  return NormalizedPixels(images, options, spec_.device, at::kFloat);
}

PairTargets FairTrainer::Targets(const PairBatch& batch) const {
  const int64_t count = batch.images.count, pairs = count / 2;
  const int64_t methods = spec_.network.has_specific() ? spec_.network.specific_classes : 256;
  PairTargets targets{at::arange(count, at::TensorOptions(at::kLong)).ge(pairs).to(at::kLong),
                      Numbers(batch.methods, count, methods, "forgery methods"),
                      Numbers(batch.groups, count, spec_.network.groups, "groups")};
  if (!targets.methods.gt(0).equal(targets.labels.gt(0))) {
    throw Error(ErrorCode::kShape, "Expected real images in the first half of a batch of pairs.");
  }
  return {targets.labels.to(spec_.device), targets.methods.to(spec_.device),
          targets.groups.to(spec_.device)};
}

FairTrainerLosses FairTrainer::Accumulate(const PairBatch& batch, double weight,
                                          const CancelToken& cancel) {
  at::AutoGradMode grad(true);
  network_->train();
  network_->SetStatistics(spec_.freeze_norms  ? BatchStatistics::kRunning
                          : step_->is_uphill() ? BatchStatistics::kKeep
                                               : BatchStatistics::kUpdate);
  try {
    return Backward(batch, weight, cancel);
  } catch (...) {
    step_->Drop();
    throw;
  }
}

FairTrainerLosses FairTrainer::Backward(const PairBatch& batch, double weight,
                                        const CancelToken& cancel) {
  const PairTargets targets = Targets(batch);
  const at::Tensor pixels = Pixels(batch.images);
  const int64_t pass = 2 * step_->optimizer().steps() + (step_->is_uphill() ? 1 : 0);
  const at::Generator draws = NewGenerator(at::kCPU, (spec_.seed ^ kContrastStream) + static_cast<uint64_t>(pass));
  FairDetectorOutput output;
  {
    const AutocastScope autocast(spec_.device.type(), spec_.autocast);
    output = network_->Forward(pixels, cancel);
  }
  cancel.ThrowIfCancelled();
  const FairLosses losses = FairObjective(output, pixels, targets, spec_.loss, draws);
  const double value = losses.total.item<double>();
  step_->RequireFinite(value, "The loss");
  (losses.total * weight).backward();
  return {value, losses.cross_entropy.item<double>(), Parts(losses), ToHost(output.fused.logits)};
}

FairTrainerScores FairTrainer::Forward(const ImageBatch& images, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  network_->eval();
  const AutocastScope autocast(spec_.device.type(), spec_.autocast);
  const FairHeadOutput output = network_->Predict(Pixels(images), cancel);
  return {ToHost(output.logits), ToHost(output.features)};
}

void FairTrainer::SaveState(const std::filesystem::path& path) {
  SaveTrainerState(
      path,
      {step_->parameters(), network_->named_buffers().pairs(), step_->optimizer(), generator_}, {});
}

void FairTrainer::RestoreState(const std::filesystem::path& path, const CancelToken& cancel) {
  RestoreTrainerState(
      path,
      {step_->parameters(), network_->named_buffers().pairs(), step_->optimizer(), generator_},
      cancel);
  step_->Drop();
}

void FairTrainer::SaveModel(const std::filesystem::path& path, at::ScalarType dtype) const {
  ExportModule(*network_, path, dtype);
}

int64_t FairTrainer::total_parameters() const {
  int64_t count = 0;
  for (const OptimizedParameter& p : step_->parameters()) count += p.tensor.numel();
  return count;
}

int64_t FairTrainer::memory_bytes() const {
  // Parameters, gradients, the optimiser's moments, and where SAM climbed from.
  const int64_t moments = spec_.optimizer.name == OptimizerName::kSgd ? 1 : 2;
  return 4 * total_parameters() * (2 + moments + (spec_.optimizer.sam_rho > 0 ? 1 : 0));
}

}  // namespace deepcode
