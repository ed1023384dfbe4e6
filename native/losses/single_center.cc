#include "losses/single_center.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

// The subgradient of the norm at 0 is 0 in libtorch, so a feature on the centre is harmless.
at::Tensor Distances(const at::Tensor& features, const at::Tensor& center, CenterDistance distance) {
  const at::Tensor offset = features.to(at::kFloat) - center.to(at::kFloat);  // [N, D]
  if (distance == CenterDistance::kSquared) return offset.square().sum(1);
  return at::linalg_vector_norm(offset, 2.0, at::IntArrayRef{1});
}

void CheckShapes(const at::Tensor& features, const at::Tensor& labels, const at::Tensor& center) {
  if (features.dim() == 2 && labels.dim() == 1 && center.dim() == 1 &&
      features.size(0) == labels.size(0) && features.size(1) == center.size(0)) {
    return;
  }
  throw Error(ErrorCode::kShape,
              "Expected features [N, D], labels [N] and center [D] for Single-Center Loss.");
}

}  // namespace

CenterDistance ParseCenterDistance(const std::string& name) {
  if (name == "euclidean") return CenterDistance::kEuclidean;
  if (name == "squared") return CenterDistance::kSquared;
  throw Error(ErrorCode::kConfig,
              "Expected euclidean or squared for distance but received '" + name + "'.");
}

at::Tensor SingleCenterLoss(const at::Tensor& features, const at::Tensor& labels,
                            const at::Tensor& center, const SingleCenterOptions& options) {
  CheckShapes(features, labels, center);
  const at::Tensor distances = Distances(features, center, options.distance);
  const at::Tensor fake = labels.ne(0);
  const at::Tensor real_distances = distances.masked_select(fake.logical_not());
  const at::Tensor fake_distances = distances.masked_select(fake);
  // A sum over nothing is 0 and keeps the graph, where a mean would be NaN.
  if (real_distances.numel() == 0) return real_distances.sum();
  const at::Tensor d_real = real_distances.mean();
  if (fake_distances.numel() == 0) return d_real;
  const double dimension = static_cast<double>(center.size(0));
  const double margin = options.margin * (options.scaled_margin ? std::sqrt(dimension) : 1.0);
  return d_real + (d_real - fake_distances.mean() + margin).clamp_min(0);
}

}  // namespace deepcode
