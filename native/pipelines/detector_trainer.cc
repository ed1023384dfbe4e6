#include "pipelines/detector_trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "nn/autocast.h"
#include "nn/batch_norm_2d.h"
#include "pipelines/flip_average.h"
#include "pipelines/trainer_network.h"
#include "pipelines/trainer_state.h"
#include "pipelines/vit_export.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace deepcode {
namespace {

constexpr char kCenterStarted[] = "center_started";
// Streams from one seed: weights and adapters first, then dropout, then the mixing of each batch.
constexpr uint64_t kDropoutStream = 0x9e3779b97f4a7c15ULL;
constexpr uint64_t kMixStream = 0xd1b54a32d192ed03ULL;
constexpr uint64_t kPartsPerStep = 4096;  // at most, so that no two batches share their draws
// About two and a half grey levels where 255 spans two units: what JPEG leaves undecided.
constexpr double kPatchNoise = 0.02;

at::Tensor ToHost(const at::Tensor& tensor) {
  return tensor.detach().to(at::kCPU, at::kFloat).contiguous();
}

// Cross-entropy of each sample times the factor of its class, [N].
// With smoothing s the target of a sample is 1 - s / 2 for its class and s / 2 for the other
// (Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7).
at::Tensor CrossEntropies(const at::Tensor& logits, const at::Tensor& labels,
                          const LossSpec& spec) {
  const at::Tensor losses =
      at::cross_entropy_loss(logits, labels, /*weight=*/{}, at::Reduction::None,
                             /*ignore_index=*/-100, spec.label_smoothing);
  const std::array<double, 2>& class_weights = spec.class_weights;
  if (class_weights[0] == 1.0 && class_weights[1] == 1.0) return losses;
  const at::Tensor factors = at::where(labels.eq(0), class_weights[0], class_weights[1]);
  return losses * factors.to(losses.scalar_type());
}

at::Tensor Bytes(const uint8_t* bytes, int64_t count) {
  return at::from_blob(const_cast<uint8_t*>(bytes), {count}, at::TensorOptions(at::kByte));
}

}  // namespace

std::shared_ptr<DetectorTrainer> DetectorTrainer::Create(const TrainerSpec& spec,
                                                         const CancelToken& cancel) {
  const at::Generator generator = NewGenerator(at::kCPU, spec.seed);
  auto vit = BuildTrainerNetwork(spec, generator, cancel);
  return std::shared_ptr<DetectorTrainer>(new DetectorTrainer(spec, std::move(vit)));
}

DetectorTrainer::DetectorTrainer(const TrainerSpec& spec, std::shared_ptr<Vit> vit)
    : spec_(spec),
      vit_(std::move(vit)),
      generator_(NewGenerator(spec.device, spec.seed ^ kDropoutStream)) {
  vit_->SetGenerator(generator_);
  std::vector<OptimizedParameter> parameters = TrainedParameters(*vit_);
  if (spec_.loss.scl_weight > 0) parameters.push_back(MakeCenter());
  step_ = std::make_unique<GradientStep>(std::move(parameters), spec_.optimizer);
}

OptimizedParameter DetectorTrainer::MakeCenter() {
  center_ = at::zeros({spec_.vit.num_features()}, at::TensorOptions(spec_.device));
  center_.set_requires_grad(true);
  return {"center", center_, /*decay=*/false};
}

// The centre begins where the real features of the first batch that has any lie; from the origin it
// would have to cross their distance before its gradient says anything about them.
void DetectorTrainer::StartCenter(const at::Tensor& features, const at::Tensor& labels) {
  const at::Tensor real = labels.eq(0);
  if (center_started_ || !real.any().item<bool>()) return;
  at::NoGradGuard no_grad;
  center_.copy_(features.detach().to(at::kFloat).index({real}).mean(0));
  center_started_ = true;
}

at::Tensor DetectorTrainer::Pixels(const ImageBatch& images) const {
  const VitOptions& o = spec_.vit;
  return NormalizedPixels(images, {o.image_height, o.image_width, o.in_channels, spec_.mean, spec_.std},
                          spec_.device, at::kFloat);
}

at::Tensor DetectorTrainer::Labels(const LabelledBatch& batch) const {
  const at::Tensor bytes = Bytes(batch.labels, batch.images.count);
  if (bytes.max().item<uint8_t>() >= 2) {
    throw Error(ErrorCode::kShape, "Expected labels 0 (real) and 1 (fake).");
  }
  return bytes.to(spec_.device, at::kLong);
}

at::Tensor DetectorTrainer::Groups(const LabelledBatch& batch) const {
  if (!batch.groups) {
    throw Error(ErrorCode::kShape, "The fairness loss needs the groups of a batch.");
  }
  return Bytes(batch.groups, batch.images.count).to(spec_.device, at::kLong);
}

// Drawn anew for every batch from its place in the run, so that a resumed run draws the same.
std::optional<CutMix> DetectorTrainer::DrawMix(int64_t count) {
  const uint64_t step = static_cast<uint64_t>(step_->optimizer().steps());
  const uint64_t place = step * kPartsPerStep + static_cast<uint64_t>(part_++);
  if (spec_.cut_mix <= 0) return std::nullopt;
  const at::Generator generator = NewGenerator(at::kCPU, (spec_.seed ^ kMixStream) + place);
  const at::Tensor chance = at::rand({}, generator, at::TensorOptions(at::kDouble));
  if (chance.item<double>() >= spec_.cut_mix) return std::nullopt;
  return DrawCutMix(count, spec_.vit.image_height, spec_.vit.image_width, generator);
}

VitOutput DetectorTrainer::Compute(const at::Tensor& pixels, const CancelToken& cancel) {
  const AutocastScope autocast(spec_.device.type(), spec_.autocast);
  const VitOutput output = vit_->Forward(pixels, cancel);
  return {output.features.to(at::kFloat),
          output.logits.slice(1, 0, spec_.num_logits).to(at::kFloat)};
}

void DetectorTrainer::WhitenPatches(const ImageBatch& images) {
  if (spec_.trainable != Trainable::kAll) {
    throw Error(ErrorCode::kConfig, "Only a run that trains every parameter can whiten the patches.");
  }
  vit_->WhitenPatches(Pixels(images), kPatchNoise);
}

TrainerLosses DetectorTrainer::Accumulate(const LabelledBatch& batch, double weight,
                                          const CancelToken& cancel) {
  at::AutoGradMode grad(true);
  vit_->train();
  if (spec_.trainable == Trainable::kAll) {
    // Running statistics are those of the points that steps start from, not of those uphill.
    SetBatchStatistics(*vit_, step_->is_uphill() ? BatchStatistics::kKeep : BatchStatistics::kUpdate);
  }
  try {
    return ForwardAndBackward(batch, weight, cancel);
  } catch (...) {
    step_->Drop();
    part_ = 0;
    throw;
  }
}

void DetectorTrainer::Climb() {
  part_ = 0;
  step_->Climb();
}

double DetectorTrainer::Update(double learning_rate) {
  part_ = 0;
  return step_->Update(learning_rate);
}

TrainerLosses DetectorTrainer::ForwardAndBackward(const LabelledBatch& batch, double weight,
                                                  const CancelToken& cancel) {
  const std::optional<CutMix> mix = DrawMix(batch.images.count);
  const at::Tensor pixels = Pixels(batch.images);
  const VitOutput output = Compute(mix ? MixPixels(pixels, *mix) : pixels, cancel);
  cancel.ThrowIfCancelled();
  return Backward(output, batch, mix, weight);
}

// [N]; of a mixed batch by both labels of an image (equation 1 of CutMix).
at::Tensor DetectorTrainer::Losses(const at::Tensor& logits, const at::Tensor& labels,
                                   const std::optional<CutMix>& mix) const {
  const at::Tensor own = CrossEntropies(logits, labels, spec_.loss);
  if (!mix) return own;
  const at::Tensor pasted_labels = labels.index_select(0, mix->partners.to(labels.device()));
  const at::Tensor pasted = CrossEntropies(logits, pasted_labels, spec_.loss);
  return mix->kept * own + (1.0 - mix->kept) * pasted;
}

TrainerLosses DetectorTrainer::Backward(const VitOutput& output, const LabelledBatch& batch,
                                        const std::optional<CutMix>& mix, double weight) {
  const at::Tensor labels = Labels(batch);
  const at::Tensor losses = Losses(output.logits, labels, mix);
  const at::Tensor ce = losses.mean();
  at::Tensor loss =
      spec_.loss.fairness ? BilevelCvar(losses, labels, Groups(batch), *spec_.loss.fairness) : ce;
  double scl_value = 0.0;
  if (center_.defined()) {
    StartCenter(output.features, labels);
    const at::Tensor scl = SingleCenterLoss(output.features, labels, center_, spec_.loss.scl);
    scl_value = scl.item<double>();
    loss = loss + spec_.loss.scl_weight * scl;
  }
  const double value = loss.item<double>();
  step_->RequireFinite(value, "The loss");
  (loss * weight).backward();
  return {value, ce.item<double>(), scl_value, ToHost(output.logits)};
}

TrainerScores DetectorTrainer::Forward(const ImageBatch& images, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  vit_->eval();
  const at::Tensor pixels = Pixels(images);
  const VitOutput output =
      Compute(spec_.flip_average ? WithMirrorImages(pixels) : pixels, cancel);
  const TrainerScores scores{ToHost(output.logits), ToHost(output.features)};
  if (!spec_.flip_average) return scores;
  return {MeanOfMirrorImages(scores.logits), MeanOfMirrorImages(scores.features)};
}

at::Tensor DetectorTrainer::Center() const {
  return center_.defined() ? ToHost(center_) : at::Tensor();
}

void DetectorTrainer::SaveState(const std::filesystem::path& path) {
  SaveTrainerState(path,
                   {step_->parameters(), vit_->named_buffers().pairs(), step_->optimizer(), generator_},
                   {{kCenterStarted, center_started_ ? "true" : "false"}});
}

void DetectorTrainer::RestoreState(const std::filesystem::path& path, const CancelToken& cancel) {
  const auto metadata = RestoreTrainerState(
      path, {step_->parameters(), vit_->named_buffers().pairs(), step_->optimizer(), generator_},
      cancel);
  const auto started = metadata.find(kCenterStarted);
  center_started_ = started != metadata.end() && started->second == "true";
  step_->Drop();
  part_ = 0;
}

void DetectorTrainer::SaveAdapter(const std::filesystem::path& path, at::ScalarType dtype) const {
  if (!spec_.adapter) throw Error(ErrorCode::kConfig, "This run trains no adapter. Save the model.");
  ExportAdapter(*vit_, *spec_.adapter, path, dtype);
}

void DetectorTrainer::SaveModel(const std::filesystem::path& path, at::ScalarType dtype) const {
  ExportModel(*vit_, path, dtype);
}

int64_t DetectorTrainer::total_parameters() const {
  int64_t count = center_.defined() ? center_.numel() : 0;
  for (const at::Tensor& parameter : vit_->parameters()) count += parameter.numel();
  return count;
}

int64_t DetectorTrainer::trained_parameters() const {
  int64_t count = 0;
  for (const OptimizedParameter& p : step_->parameters()) count += p.tensor.numel();
  return count;
}

int64_t DetectorTrainer::memory_bytes() const {
  // Gradients, the optimiser's moments, and where SAM climbed from.
  const int64_t moments = spec_.optimizer.name == OptimizerName::kSgd ? 1 : 2;
  const int64_t copies = 1 + moments + (spec_.optimizer.sam_rho > 0 ? 1 : 0);
  return 4 * (total_parameters() + trained_parameters() * copies);
}

}  // namespace deepcode
