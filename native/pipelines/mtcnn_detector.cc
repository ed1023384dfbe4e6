#include "pipelines/mtcnn_detector.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "nn/compute_dtype.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr float kOverlapInScale = 0.5f;
constexpr float kOverlap = 0.7f;
constexpr size_t kPoints = 5;

at::Tensor Normalized(const at::Tensor& pixels) { return (pixels - 127.5) * 0.0078125; }

// Means of the pixels that each output pixel covers: interpolate(mode="area").
at::Tensor Resized(const at::Tensor& image, int64_t height, int64_t width) {
  return at::adaptive_avg_pool2d(image, {height, width});
}

std::vector<double> Scales(int64_t height, int64_t width, const MtcnnOptions& options) {
  std::vector<double> scales;
  double scale =
      static_cast<double>(MtcnnProposal::kWindow) / static_cast<double>(options.min_face);
  double side = static_cast<double>(std::min(height, width)) * scale;
  for (; side >= MtcnnProposal::kWindow; side *= options.scale_factor) {
    scales.push_back(scale);
    scale *= options.scale_factor;
  }
  return scales;
}

// `pixel` is 1 where a side counts its last pixel.
void Move(FaceBox& box, const std::array<float, 4>& offsets, float pixel) {
  const float width = box.right - box.left + pixel;
  const float height = box.bottom - box.top + pixel;
  box.left += offsets[0] * width;
  box.top += offsets[1] * height;
  box.right += offsets[2] * width;
  box.bottom += offsets[3] * height;
}

// The square around the same centre whose side is the longer one.
void MakeSquare(FaceBox& box) {
  const float width = box.right - box.left;
  const float height = box.bottom - box.top;
  const float side = std::max(width, height);
  box.left += width * 0.5f - side * 0.5f;
  box.top += height * 0.5f - side * 0.5f;
  box.right = box.left + side;
  box.bottom = box.top + side;
}

// The part of the image that a box, counted from 1, covers; undefined where it covers none.
at::Tensor Crop(const at::Tensor& image, const FaceBox& box) {
  const auto whole = [](float value) { return static_cast<int64_t>(std::trunc(value)); };
  const int64_t left = std::max<int64_t>(whole(box.left), 1) - 1;
  const int64_t top = std::max<int64_t>(whole(box.top), 1) - 1;
  const int64_t right = std::min(whole(box.right), image.size(3));
  const int64_t bottom = std::min(whole(box.bottom), image.size(2));
  if (right <= left || bottom <= top) return {};
  return image.slice(2, top, bottom).slice(3, left, right);
}

void CheckFinite(const at::Tensor& scores) {
  if (at::isfinite(scores).all().item<bool>()) return;
  throw Error(ErrorCode::kNonfinite, "The face detector's scores are NaN or infinite. Try fp32.");
}

at::Tensor OnCpu(const at::Tensor& values) { return values.to(at::kCPU, at::kFloat).contiguous(); }

std::vector<FacePoint> PointsOf(const FaceBox& box, const float* row) {
  const float width = box.right - box.left + 1;
  const float height = box.bottom - box.top + 1;
  std::vector<FacePoint> points;
  for (size_t i = 0; i < kPoints; ++i) {
    points.push_back({width * row[i] + box.left - 1, height * row[kPoints + i] + box.top - 1});
  }
  return points;
}

}  // namespace

void MtcnnDetector::Candidates::Keep(const std::vector<size_t>& indices) {
  Candidates kept;
  for (const size_t i : indices) {
    kept.boxes.push_back(boxes[i]);
    kept.offsets.push_back(offsets[i]);
  }
  *this = std::move(kept);
}

void MtcnnDetector::Candidates::KeepHighest(size_t count) {
  if (boxes.size() <= count) return;
  std::vector<size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return boxes[a].score > boxes[b].score; });
  order.resize(count);
  Keep(order);
}

std::shared_ptr<MtcnnDetector> MtcnnDetector::Load(const MtcnnSpec& spec,
                                                   const CancelToken& cancel) {
  std::shared_ptr<MtcnnDetector> detector(new MtcnnDetector(spec));
  detector->LoadWeights(cancel);
  return detector;
}

MtcnnDetector::MtcnnDetector(const MtcnnSpec& spec)
    : spec_(spec),
      proposal_(std::make_shared<MtcnnProposal>()),
      refine_(std::make_shared<MtcnnRefinement>(MtcnnRefinement::Kind::kRefine)),
      output_(std::make_shared<MtcnnRefinement>(MtcnnRefinement::Kind::kOutput)) {}

void MtcnnDetector::LoadWeights(const CancelToken& cancel) {
  const ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {}, .dtype = spec_.dtype, .device = spec_.device};
  LoadModuleWeights(*proposal_, MappedWeights::Open(spec_.proposal), options, cancel);
  LoadModuleWeights(*refine_, MappedWeights::Open(spec_.refine), options, cancel);
  LoadModuleWeights(*output_, MappedWeights::Open(spec_.output), options, cancel);
}

std::vector<FaceBox> MtcnnDetector::Detect(const MtcnnImage& image, const MtcnnOptions& options,
                                           const CancelToken& cancel) const {
  c10::InferenceMode inference;
  const at::Tensor pixels =
      at::from_blob(const_cast<uint8_t*>(image.data), {1, image.height, image.width, 3}, at::kByte)
          .to(spec_.device)
          .permute({0, 3, 1, 2})
          .to(ComputeDtype(spec_.device, spec_.dtype))
          .contiguous();
  const auto threshold = [&](size_t i) { return static_cast<float>(options.thresholds.at(i)); };
  std::vector<FaceBox> boxes = Propose(pixels, options, cancel).boxes;

  Candidates refined = Refine(*refine_, pixels, boxes, threshold(1), cancel);
  refined.Keep(KeepBest(refined.boxes, kOverlap, OverlapMeasure::kUnion));
  for (size_t i = 0; i < refined.boxes.size(); ++i) {
    Move(refined.boxes[i], refined.offsets[i], 1);
    MakeSquare(refined.boxes[i]);
  }

  Candidates faces = Refine(*output_, pixels, refined.boxes, threshold(2), cancel);
  for (size_t i = 0; i < faces.boxes.size(); ++i) Move(faces.boxes[i], faces.offsets[i], 1);
  faces.Keep(KeepBest(faces.boxes, kOverlap, OverlapMeasure::kSmaller));
  return faces.boxes;
}

MtcnnDetector::Candidates MtcnnDetector::Propose(const at::Tensor& image,
                                                 const MtcnnOptions& options,
                                                 const CancelToken& cancel) const {
  Candidates all;
  for (const double scale : Scales(image.size(2), image.size(3), options)) {
    cancel.ThrowIfCancelled();
    const Candidates found = ProposeAt(image, scale, static_cast<float>(options.thresholds.at(0)));
    all.boxes.insert(all.boxes.end(), found.boxes.begin(), found.boxes.end());
    all.offsets.insert(all.offsets.end(), found.offsets.begin(), found.offsets.end());
  }
  all.Keep(KeepBest(all.boxes, kOverlap, OverlapMeasure::kUnion));
  all.KeepHighest(kMaxProposals);
  for (size_t i = 0; i < all.boxes.size(); ++i) {
    Move(all.boxes[i], all.offsets[i], 0);
    MakeSquare(all.boxes[i]);
  }
  return all;
}

MtcnnDetector::Candidates MtcnnDetector::ProposeAt(const at::Tensor& image, double scale,
                                                   float threshold) const {
  const auto side = [&](int64_t dim) {
    return static_cast<int64_t>(static_cast<double>(image.size(dim)) * scale + 1);
  };
  const MtcnnOutput output = proposal_->Forward(Normalized(Resized(image, side(2), side(3))));
  const at::Tensor scores = OnCpu(output.scores[0]);    // [h, w]
  const at::Tensor offsets = OnCpu(output.offsets[0]);  // [4, h, w]
  CheckFinite(scores);
  const int64_t columns = scores.size(1), cells = scores.numel();
  const auto edge = [&](int64_t cell, int64_t added) {
    return static_cast<float>(std::floor(
        static_cast<float>(MtcnnProposal::kStride * cell + added) / static_cast<float>(scale)));
  };
  Candidates found;
  for (int64_t i = 0; i < cells; ++i) {
    const float score = scores.const_data_ptr<float>()[i];
    if (score < threshold) continue;
    const int64_t x = i % columns, y = i / columns;
    found.boxes.push_back({score, edge(x, 1), edge(y, 1), edge(x, MtcnnProposal::kWindow),
                           edge(y, MtcnnProposal::kWindow), {}});
    const float* values = offsets.const_data_ptr<float>() + i;
    found.offsets.push_back({values[0], values[cells], values[2 * cells], values[3 * cells]});
  }
  found.KeepHighest(kMaxProposals);
  found.Keep(KeepBest(found.boxes, kOverlapInScale, OverlapMeasure::kUnion));
  return found;
}

MtcnnDetector::Candidates MtcnnDetector::Refine(const MtcnnRefinement& network,
                                                const at::Tensor& image,
                                                const std::vector<FaceBox>& boxes, float threshold,
                                                const CancelToken& cancel) const {
  Candidates passed;
  std::vector<FaceBox> group;
  std::vector<at::Tensor> crops;
  const auto finish_group = [&] {
    if (crops.empty()) return;
    cancel.ThrowIfCancelled();
    const MtcnnOutput output = network.Forward(Normalized(at::cat(crops)));
    const at::Tensor scores = OnCpu(output.scores), offsets = OnCpu(output.offsets);
    const at::Tensor points = output.points.defined() ? OnCpu(output.points) : at::Tensor();
    CheckFinite(scores);
    for (size_t i = 0; i < group.size(); ++i) {
      FaceBox& box = group[i];
      box.score = scores.const_data_ptr<float>()[i];
      if (box.score <= threshold) continue;
      if (points.defined()) {
        box.points = PointsOf(box, points.const_data_ptr<float>() + i * 2 * kPoints);
      }
      const float* row = offsets.const_data_ptr<float>() + i * 4;
      passed.boxes.push_back(box);
      passed.offsets.push_back({row[0], row[1], row[2], row[3]});
    }
    group.clear();
    crops.clear();
  };
  for (const FaceBox& box : boxes) {
    const at::Tensor crop = Crop(image, box);
    if (!crop.defined()) continue;
    group.push_back(box);
    crops.push_back(Resized(crop, network.window(), network.window()));
    if (static_cast<int64_t>(crops.size()) == kGroup) finish_group();
  }
  finish_group();
  return passed;
}

int64_t MtcnnDetector::memory_bytes() const {
  int64_t bytes = 0;
  const auto add = [&](const torch::nn::Module& network) {
    for (const at::Tensor& parameter : network.parameters()) bytes += parameter.nbytes();
  };
  add(*proposal_);
  add(*refine_);
  add(*output_);
  return bytes;
}

}  // namespace deepcode
