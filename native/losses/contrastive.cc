#include "losses/contrastive.h"

#include <ATen/ATen.h>

#include <set>
#include <vector>

#include "runtime/error.h"

namespace deepcode {
namespace {

at::Tensor Triplet(const at::Tensor& f, const at::Tensor& same, const at::Tensor& other,
                   double margin) {
  const at::Tensor difference = at::pairwise_distance(f, same) - at::pairwise_distance(f, other);
  return (difference + margin).clamp_min(0).mean();
}

}  // namespace

at::Tensor ContrastiveLoss(const at::Tensor& features, const at::Tensor& anchors, double margin) {
  if (features.dim() != 2 || features.size(0) % 2 != 0 || features.size(0) == 0 ||
      anchors.dim() != 1 || anchors.size(0) != features.size(0)) {
    throw Error(ErrorCode::kShape,
                "Expected features [2P, D] and anchors [2P] of pairs for the contrastive loss.");
  }
  const at::Tensor rows = features.to(at::kFloat);
  const std::vector<at::Tensor> own = rows.chunk(2), near = rows.index({anchors}).chunk(2);
  return Triplet(own[0], near[0], near[1], margin) + Triplet(own[1], near[1], near[0], margin);
}

at::Tensor PermutationWithinKinds(const at::Tensor& kinds, const at::Generator& generator) {
  at::Tensor anchors = at::empty_like(kinds);
  const int64_t* values = kinds.const_data_ptr<int64_t>();
  for (const int64_t kind : std::set<int64_t>(values, values + kinds.numel())) {
    const at::Tensor members = kinds.eq(kind).nonzero().squeeze(1);
    const at::Tensor order = at::randperm(members.numel(), generator, at::TensorOptions(at::kLong));
    anchors.index_put_({members}, members.index({order}));
  }
  return anchors;
}

}  // namespace deepcode
