"""Makes the fixture of single_center.test.ts: Single-Center Loss and its gradients by autograd, in double precision.

    python test/parity/single_center/generate.py
"""
import json
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent


def single_center_loss(features, labels, center, margin, scaled_margin, distance):
    """Li et al. 2021: L = M_nat + max(M_nat - M_man + m * sqrt(D), 0), M the mean distance to the centre."""
    offset = features - center
    distances = offset.pow(2).sum(1) if distance == "squared" else offset.norm(dim=1)
    margin = margin * features.shape[1] ** 0.5 if scaled_margin else margin
    natural, manipulated = distances[labels == 0], distances[labels == 1]
    if len(natural) == 0:
        return natural.sum()
    if len(manipulated) == 0:
        return natural.mean()
    return natural.mean() + torch.relu(natural.mean() - manipulated.mean() + margin)


def case(name, features, labels, center, **options):
    features = features.double().requires_grad_()
    center = center.double().requires_grad_()
    loss = single_center_loss(features, labels, center, **options)
    loss.backward()
    gradients = [torch.zeros_like(t) if t.grad is None else t.grad for t in (features, center)]
    return {
        "name": name,
        "options": {"margin": options["margin"], "scaledMargin": options["scaled_margin"], "distance": options["distance"]},
        "features": features.flatten().tolist(),
        "labels": labels.tolist(),
        "center": center.tolist(),
        "loss": loss.item(),
        "gradFeatures": gradients[0].flatten().tolist(),
        "gradCenter": gradients[1].tolist(),
    }


def main():
    torch.manual_seed(7)
    dim, labels = 6, torch.tensor([0, 1, 1, 0, 1, 0, 0, 1])
    features = torch.randn(len(labels), dim)  # fp32: the exact values that both sides start from
    center = 0.3 * torch.randn(dim)
    cases = [
        case(f"{distance}, margin {margin}{' x sqrt(D)' if scaled else ''}", features, labels, center,
             margin=margin, scaled_margin=scaled, distance=distance)
        for distance in ("euclidean", "squared")
        for margin, scaled in ((0.3, False), (0.3, True), (0.0, False))
    ]
    far = features.clone()
    far[labels == 1] += 20
    plain = dict(margin=0.3, scaled_margin=False, distance="euclidean")
    cases += [
        case("fake features beyond the margin", far, labels, center, **plain),
        case("real samples only", features, torch.zeros_like(labels), center, **plain),
        case("fake samples only", features, torch.ones_like(labels), center, **plain),
    ]
    on_center = features.clone()
    on_center[[0, 1]] = center
    cases.append(case("features on the centre", on_center, labels, center, **plain))
    (HERE / "fixtures.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
