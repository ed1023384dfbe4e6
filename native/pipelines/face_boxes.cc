#include "pipelines/face_boxes.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace deepcode {
namespace {

float Area(const FaceBox& box) {
  return std::max(0.0f, box.right - box.left) * std::max(0.0f, box.bottom - box.top);
}

// Adds `factor` times the place of `face`.
void AddPlace(const FaceBox& face, float factor, FaceBox& sum) {
  sum.left += factor * face.left;
  sum.top += factor * face.top;
  sum.right += factor * face.right;
  sum.bottom += factor * face.bottom;
  for (size_t i = 0; i < sum.points.size(); ++i) {
    sum.points[i].x += factor * face.points[i].x;
    sum.points[i].y += factor * face.points[i].y;
  }
}

// `group` is not empty and has the best face first.
FaceBox WeightedMean(const std::vector<FaceBox>& group) {
  float total = 0;
  for (const FaceBox& face : group) total += face.score;
  const FaceBox& best = group.front();
  FaceBox mean{best.score, 0, 0, 0, 0, std::vector<FacePoint>(best.points.size())};
  for (const FaceBox& face : group) AddPlace(face, face.score / total, mean);
  return mean;
}

// Sides one pixel longer than `Overlap` has them.
float OverlapOfSmaller(const FaceBox& a, const FaceBox& b) {
  const auto sides = [](const FaceBox& box) {
    return (box.right - box.left + 1) * (box.bottom - box.top + 1);
  };
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left) + 1;
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top) + 1;
  if (width <= 0 || height <= 0) return 0;
  return width * height / std::min(sides(a), sides(b));
}

}  // namespace

float Overlap(const FaceBox& a, const FaceBox& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const float intersection = width * height;
  return intersection / (Area(a) + Area(b) - intersection);
}

std::vector<FaceBox> MergeOverlapping(std::vector<FaceBox> faces, float max_overlap) {
  std::stable_sort(faces.begin(), faces.end(),
                   [](const FaceBox& a, const FaceBox& b) { return a.score > b.score; });
  std::vector<FaceBox> merged;
  while (!faces.empty()) {
    const FaceBox best = faces.front();
    // The best is of its own group even where its box has no area.
    const auto rest = std::stable_partition(
        faces.begin() + 1, faces.end(),
        [&](const FaceBox& face) { return Overlap(best, face) > max_overlap; });
    merged.push_back(WeightedMean({faces.begin(), rest}));
    faces.erase(faces.begin(), rest);
  }
  return merged;
}

std::vector<size_t> KeepBest(const std::vector<FaceBox>& faces, float max_overlap,
                             OverlapMeasure measure) {
  const auto overlap = measure == OverlapMeasure::kUnion ? Overlap : OverlapOfSmaller;
  std::vector<size_t> order(faces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return faces[a].score > faces[b].score; });
  std::vector<size_t> kept;
  for (const size_t i : order) {
    const bool free = std::none_of(kept.begin(), kept.end(), [&](size_t better) {
      return overlap(faces[better], faces[i]) > max_overlap;
    });
    if (free) kept.push_back(i);
  }
  return kept;
}

}  // namespace deepcode
