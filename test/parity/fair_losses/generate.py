"""Makes the fixtures of fair_losses.test.ts: losses of the fairness-aware detector with gradients by autograd, in double.

    python test/parity/fair_losses/generate.py

The equations are written down as in the papers: CVaR as a minimum over eta, found on a fine grid or by bisection of the
derivative, with gradients at that eta held fixed.
"""
import json
from pathlib import Path

import torch
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent


def differentiated(loss, inputs):
    gradients = torch.autograd.grad(loss, inputs, allow_unused=True)
    zero = [torch.zeros_like(x) if g is None else g for g, x in zip(gradients, inputs)]
    return {"loss": loss.item(), "gradients": [g.flatten().tolist() for g in zero]}


def fp32(*shape):
    """Values that both sides hold exactly."""
    return torch.randn(*shape).double()


def ldam_cases():
    """Cao et al. 2019: margins max_margin * n^(-1/4) / max, cross-entropy of scaled logits."""
    cases = []
    for counts in ([2475, 25443, 1468, 4163, 8013, 31281, 1111, 2185], [3, 5], [100, 0, 7]):
        logits = (fp32(6, len(counts)) * 0.2).float().double().requires_grad_()
        present = [i for i, n in enumerate(counts) if n > 0]
        labels = torch.tensor([present[i % len(present)] for i in range(6)])
        inverse = torch.tensor([max(n, 1) for n in counts]).double() ** -0.25
        margins = 0.5 * inverse / inverse[present].max()
        shifted = logits - margins * F.one_hot(labels, len(counts))
        loss = F.cross_entropy(30 * shifted, labels)
        cases.append({"name": f"{len(counts)} classes", "counts": counts, "logits": logits.flatten().tolist(),
                      "labels": labels.tolist(), **differentiated(loss, [logits])})
    return cases


def contrastive_cases():
    cases = []
    for margin, scale in ((3.0, 1.0), (3.0, 8.0), (0.0, 1.0)):
        features = (scale * fp32(8, 5)).float().double().requires_grad_()
        anchors = torch.tensor([1, 2, 0, 3, 5, 4, 7, 6])  # 3 is its own anchor
        (real, fake), (real_near, fake_near) = features.chunk(2), features[anchors].chunk(2)

        def triplet(f, same, other):
            return F.relu(F.pairwise_distance(f, same) - F.pairwise_distance(f, other) + margin).mean()

        loss = triplet(real, real_near, fake_near) + triplet(fake, fake_near, real_near)
        cases.append({"name": f"margin {margin:g}, scale {scale:g}", "margin": margin, "anchors": anchors.tolist(),
                      "features": features.flatten().tolist(), **differentiated(loss, [features])})
    return cases


def reconstruction_case():
    images = fp32(4, 3, 2, 2)
    real, fake = images.chunk(2)
    made = [fp32(4, 3, 2, 2).requires_grad_() for _ in range(2)]
    loss = sum(F.l1_loss(m, target) for both in made for m, target in zip(both.chunk(2), (real, fake)))
    return {"images": images.flatten().tolist(), "made": [m.flatten().tolist() for m in made],
            **differentiated(loss, made)}


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


def bilevel_cases():
    cases = []
    groups = torch.tensor([0, 3, 3, 0, 5, 3, 0, 5, 0, 3, 7, 0])
    for name, alphas, taus, spread in (
        ("the paper's shares", (0.9, 0.5), None, 1.0),
        ("one level only", (1.0, 0.3), None, 1.0),
        ("means", (1.0, 1.0), None, 1.0),
        ("small shares", (0.2, 0.1), None, 1.0),
        ("smoothed", (0.9, 0.5), (0.001, 0.0001), 1.0),
        ("smoothed, close losses", (0.9, 0.5), (0.001, 0.0001), 0.002),
        ("smoothed, wide kink", (0.7, 0.4), (0.2, 0.01), 1.0),
        ("smoothed, all groups", (0.9, 1.0), (0.01, 0.001), 0.1),
    ):
        inner, outer = alphas
        losses = (0.7 + spread * torch.rand(12)).double().requires_grad_()
        values = torch.stack([plain_minimum(losses[groups == g], inner) for g in groups.unique()])
        if taus is None:
            loss = plain_minimum(values, outer)
        else:
            loss = smooth(values, smooth_eta(values, outer, *taus), outer, *taus)
        smoothing = taus and {"tau1": taus[0], "tau2": taus[1]}
        cases.append({"name": name, "losses": losses.tolist(), "groups": groups.tolist(),
                      "options": {"innerAlpha": inner, "outerAlpha": outer, "smoothing": smoothing},
                      **differentiated(loss, [losses])})
    return cases


def grid_cases():
    """The minimum over eta on a grid of 2 million points: no place of the interval is passed over."""
    cases = []
    for count, alpha in ((1, 0.5), (2, 0.5), (5, 0.5), (7, 0.9), (8, 0.25), (16, 0.05)):
        losses = (2 * torch.rand(count)).double()
        grid = torch.linspace(-0.5, 2.5, 2_000_001, dtype=torch.double)
        for taus in (None, (0.05, 0.01)):
            above = [l - grid for l in losses]
            if taus is None:
                values = grid + sum(F.relu(a) for a in above) / (count * alpha)
            else:
                tau1, tau2 = taus
                values = grid + tau2 / (2 * alpha) * grid**2 + tau1 * sum(F.softplus(a / tau1) for a in above) / (count * alpha)
            best = values.argmin()
            cases.append({"losses": losses.tolist(), "alpha": alpha, "smoothing": taus and {"tau1": taus[0], "tau2": taus[1]},
                          "eta": grid[best].item(), "minimum": values[best].item(), "step": 1.5e-6})
    return cases


def main():
    torch.manual_seed(11)
    fixtures = {"ldam": ldam_cases(), "contrastive": contrastive_cases(), "reconstruction": reconstruction_case(),
                "bilevel": bilevel_cases(), "grid": grid_cases()}
    (HERE / "fixtures.json").write_text(json.dumps(fixtures, indent=1) + "\n")


if __name__ == "__main__":
    main()
