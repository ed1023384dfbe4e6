#include "pipelines/fair_objective.h"

#include <ATen/ATen.h>

#include "losses/contrastive.h"
#include "losses/reconstruction.h"

namespace deepcode {
namespace {

at::Tensor CrossEntropies(const FairHeadOutput& head, const at::Tensor& targets) {
  return at::cross_entropy_loss(head.logits.to(at::kFloat), targets, {}, at::Reduction::None);
}

at::Tensor Contrast(const FairHeadOutput& head, const at::Tensor& kinds, double margin,
                    const at::Generator& generator) {
  const at::Tensor anchors = PermutationWithinKinds(kinds.to(at::kCPU), generator);
  return ContrastiveLoss(head.features, anchors.to(kinds.device()), margin);
}

at::Tensor Sum(const FairLosses& l, const FairLossWeights& w) {
  at::Tensor total = l.cross_entropy * 0.0;
  const std::pair<const at::Tensor&, double> terms[] = {
      {l.fused, w.fused},           {l.common, w.common},
      {l.specific, w.specific},     {l.demographic, w.demographic},
      {l.contrastive, w.contrastive}, {l.reconstruction, w.reconstruction}};
  for (const auto& [loss, weight] : terms) {
    if (loss.defined()) total = total + weight * loss;
  }
  return total;
}

}  // namespace

FairLosses FairObjective(const FairDetectorOutput& output, const at::Tensor& pixels,
                         const PairTargets& targets, const FairLossSpec& spec,
                         const at::Generator& generator) {
  const FairLossWeights& w = spec.weights;
  const bool has_specific = output.specific.logits.defined();
  FairLosses l;
  const at::Tensor losses = CrossEntropies(output.fused, targets.labels);
  l.cross_entropy = losses.mean();
  if (w.fused > 0) {
    l.fused =
        spec.fairness ? BilevelCvar(losses, targets.labels, targets.groups, *spec.fairness)
                      : l.cross_entropy;
  }
  if (w.common > 0) l.common = CrossEntropies(output.common, targets.labels).mean();
  if (w.specific > 0 && has_specific) {
    l.specific = CrossEntropies(output.specific, targets.methods).mean();
  }
  if (w.demographic > 0) {
    l.demographic = LdamLoss(output.demographic.logits, targets.groups, spec.demographic);
  }
  if (w.contrastive > 0) {
    l.contrastive = Contrast(output.common, targets.labels, spec.margin, generator);
    if (has_specific) {
      l.contrastive =
          l.contrastive + Contrast(output.specific, targets.methods, spec.margin, generator);
    }
  }
  if (w.reconstruction > 0) {
    l.reconstruction =
        ReconstructionLoss(pixels, output.self_reconstruction, output.cross_reconstruction);
  }
  l.total = Sum(l, w);
  return l;
}

}  // namespace deepcode
