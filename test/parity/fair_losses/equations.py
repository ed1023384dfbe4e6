"""Losses of the fairness-aware detector, written down as in the papers, for autograd in double.

CVaR is a minimum over eta, found among the losses or by bisection of the derivative; gradients are at that eta held
fixed.
"""

import torch
from torch.nn import functional as F


def ldam(logits, labels, counts):
    """Cao et al. 2019: margins max_margin * n^(-1/4) / max, cross-entropy of scaled logits."""
    inverse = torch.tensor([max(n, 1) for n in counts]).double() ** -0.25
    margins = 0.5 * inverse / max(value for value, n in zip(inverse, counts) if n > 0)
    return F.cross_entropy(30 * (logits - margins * F.one_hot(labels, len(counts))), labels)


def contrastive(features, anchors, margin):
    """Of P reals before P fakes: anchors are of each sample's own kind; the other kind's are those of its partner."""
    (real, fake), (real_near, fake_near) = features.chunk(2), features[anchors].chunk(2)

    def triplet(f, same, other):
        return F.relu(F.pairwise_distance(f, same) - F.pairwise_distance(f, other) + margin).mean()

    return triplet(real, real_near, fake_near) + triplet(fake, fake_near, real_near)


def reconstruction(images, made):
    """Four mean absolute errors: of the reals and of the fakes, for each way in which they were made again."""
    return sum(F.l1_loss(m, target) for both in made for m, target in zip(both.chunk(2), images.chunk(2)))


def plain(losses, eta, alpha):
    return eta + F.relu(losses - eta).mean() / alpha


def smooth(losses, eta, alpha, tau1, tau2):
    return eta + tau2 / (2 * alpha) * eta**2 + F.softplus((losses - eta) / tau1).mean() * tau1 / alpha


def plain_minimum(losses, alpha):
    """Equation (2b): piecewise linear in eta, so the minimum is at one of the losses."""
    return min((plain(losses, eta, alpha) for eta in losses), key=lambda value: value.item())


def smooth_eta(losses, alpha, tau1, tau2):
    losses = losses.detach()

    def slope(eta):
        return 1 + tau2 / alpha * eta - torch.sigmoid((losses - eta) / tau1).mean().item() / alpha

    low, high = min(losses.min().item(), 0) - 1e5, max(losses.max().item(), 0) + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return (low + high) / 2


def by_class(groups, labels):
    """A group's real and fake samples as groups of their own."""
    return 2 * groups + labels


def bilevel(losses, groups, inner, outer, taus=None):
    """Lin et al. 2024, equations 2a and 2b; taus: the authors' smoothed form of the outer level."""
    values = torch.stack([plain_minimum(losses[groups == g], inner) for g in groups.unique()])
    if taus is None:
        return plain_minimum(values, outer)
    return smooth(values, smooth_eta(values, outer, *taus), outer, *taus)
