"""Makes the fixtures of fair_losses.test.ts: losses of the fairness-aware detector with gradients by autograd, in double.

    python test/parity/fair_losses/generate.py

The equations are those of equations.py; CVaR's minimum over eta is also looked for on a fine grid.
"""
import json
from pathlib import Path

import torch
from equations import bilevel, by_class, contrastive, ldam, reconstruction  # the module beside this one
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
    cases = []
    for counts in ([2475, 25443, 1468, 4163, 8013, 31281, 1111, 2185], [3, 5], [100, 0, 7]):
        logits = (fp32(6, len(counts)) * 0.2).float().double().requires_grad_()
        present = [i for i, n in enumerate(counts) if n > 0]
        labels = torch.tensor([present[i % len(present)] for i in range(6)])
        loss = ldam(logits, labels, counts)
        cases.append({"name": f"{len(counts)} classes", "counts": counts, "logits": logits.flatten().tolist(),
                      "labels": labels.tolist(), **differentiated(loss, [logits])})
    return cases


def contrastive_cases():
    cases = []
    for margin, scale in ((3.0, 1.0), (3.0, 8.0), (0.0, 1.0)):
        features = (scale * fp32(8, 5)).float().double().requires_grad_()
        anchors = torch.tensor([1, 2, 0, 3, 5, 4, 7, 6])  # 3 is its own anchor
        loss = contrastive(features, anchors, margin)
        cases.append({"name": f"margin {margin:g}, scale {scale:g}", "margin": margin, "anchors": anchors.tolist(),
                      "features": features.flatten().tolist(), **differentiated(loss, [features])})
    return cases


def reconstruction_case():
    images = fp32(4, 3, 2, 2)
    made = [fp32(4, 3, 2, 2).requires_grad_() for _ in range(2)]
    loss = reconstruction(images, made)
    return {"images": images.flatten().tolist(), "made": [m.flatten().tolist() for m in made],
            **differentiated(loss, made)}


def bilevel_case(name, alphas, taus, spread, labels=None):
    groups = torch.tensor([0, 3, 3, 0, 5, 3, 0, 5, 0, 3, 7, 0])
    losses = (0.7 + spread * torch.rand(12)).double().requires_grad_()
    numbers = groups if labels is None else by_class(groups, torch.tensor(labels))
    loss = bilevel(losses, numbers, *alphas, taus)
    options = {"innerAlpha": alphas[0], "outerAlpha": alphas[1], "smoothing": taus and {"tau1": taus[0], "tau2": taus[1]}}
    return {"name": name, "losses": losses.tolist(), "groups": groups.tolist(), "options": options,
            **({} if labels is None else {"labels": labels}), **differentiated(loss, [losses])}


def bilevel_cases():
    return [bilevel_case(*case) for case in (
        ("the paper's shares", (0.9, 0.5), None, 1.0),
        ("one level only", (1.0, 0.3), None, 1.0),
        ("means", (1.0, 1.0), None, 1.0),
        ("small shares", (0.2, 0.1), None, 1.0),
        ("smoothed", (0.9, 0.5), (0.001, 0.0001), 1.0),
        ("smoothed, close losses", (0.9, 0.5), (0.001, 0.0001), 0.002),
        ("smoothed, wide kink", (0.7, 0.4), (0.2, 0.01), 1.0),
        ("smoothed, all groups", (0.9, 1.0), (0.01, 0.001), 0.1),
    )]


def class_cases():
    """The classes cut across the groups: group 5 has fakes only, group 7 one real sample."""
    labels = [0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1]
    return [bilevel_case(*case, labels) for case in (
        ("by class, the paper's shares", (0.9, 0.5), None, 1.0),
        ("by class, means", (1.0, 1.0), None, 1.0),
        ("by class, small shares", (0.4, 0.2), None, 1.0),
        ("by class, smoothed", (0.9, 0.5), (0.001, 0.0001), 1.0),
        ("by class, smoothed, wide kink", (0.7, 0.4), (0.2, 0.01), 1.0),
    )]


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
    fixtures["bilevel"] += class_cases()
    (HERE / "fixtures.json").write_text(json.dumps(fixtures, indent=1) + "\n")


if __name__ == "__main__":
    main()
