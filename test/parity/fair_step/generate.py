"""Makes the fixtures of fair_step.test.ts: sharpness-aware steps of the authors' narrow detector by torch.optim.

    python test/parity/fair_step/generate.py CHECKOUT

CHECKOUT is one of github.com/Purdue-M2/Fairness-Generalization. Networks and their weights are ../fair_detector's, losses
the equations of ../fair_losses. Each case stores what both passes of a step report, what the step adds to all
parameters and running statistics, one after another by ascending name, and the loss after one more step, in which
momentum counts. The reference computes in float64.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "fair_detector"), str(HERE.parent / "fair_losses")]
import equations  # noqa: E402
from reference import authors_detector, outputs_of  # noqa: E402

WIDTH, SIDE, PAIRS, DISTURBED = 1 / 64, 64, 3, 2
LABELS = torch.tensor([0, 0, 0, 1, 1, 1])
GROUPS = torch.tensor([1, 6, 1, 6, 6, 3])
METHODS = torch.tensor([0, 0, 0, 2, 5, 2])
COUNTS = [2475, 25443, 1468, 4163, 8013, 31281, 1111, 2185]
WEIGHTS = {"fused": 1, "common": 1, "specific": 0.1, "demographic": 0.1, "contrastive": 0.05, "reconstruction": 0.3}
MARGIN, RHO, RATE, MOMENTUM, DECAY = 3.0, 0.05, 0.001, 0.9, 5e-3
SMOOTHING = (0.001, 0.0001)
CASES = {
    "groups": {"folder": "methods", "taus": SMOOTHING, "classes": False},
    "classes": {"folder": "methods", "taus": SMOOTHING, "classes": True},
    "one-method": {"folder": "one-method", "taus": None, "classes": False},
}
SEED, CONTRAST_STREAM = 5, 0xD1B54A32D192ED03  # kContrastStream of native/pipelines/fair_trainer.cc


def anchors_within(kinds, generator):
    """PermutationWithinKinds of native/losses/contrastive.h; CPU generators of one seed draw the same everywhere."""
    anchors = torch.empty_like(kinds)
    for kind in kinds.unique():
        members = (kinds == kind).nonzero().squeeze(1)
        anchors[members] = members[torch.randperm(len(members), generator=generator)]
    return anchors


def parts_of(outputs, pixels, case, draw):
    generator = torch.Generator().manual_seed((SEED ^ CONTRAST_STREAM) + draw)
    losses = F.cross_entropy(outputs["fused_logits"], LABELS, reduction="none")
    numbers = equations.by_class(GROUPS, LABELS) if case["classes"] else GROUPS
    made = [outputs["self_reconstruction"], outputs["cross_reconstruction"]]
    contrast = lambda name, kinds: equations.contrastive(  # noqa: E731
        outputs[f"{name}_features"], anchors_within(kinds, generator), MARGIN
    )
    parts = {
        "fused": equations.bilevel(losses, numbers, 0.9, 0.5, case["taus"]),
        "common": F.cross_entropy(outputs["common_logits"], LABELS),
        "demographic": equations.ldam(outputs["demographic_logits"], GROUPS, COUNTS),
        "contrastive": contrast("common", LABELS),
        "reconstruction": equations.reconstruction(pixels, made),
    }
    if "specific_logits" in outputs:
        parts["specific"] = F.cross_entropy(outputs["specific_logits"], METHODS)
        parts["contrastive"] = parts["contrastive"] + contrast("specific", METHODS)
    return losses.mean(), parts


def gather(detector, pixels, case, draw):
    """Gradients of the objective; returns what the trainer reports of the pass."""
    detector.zero_grad(set_to_none=True)
    mean, parts = parts_of(outputs_of(detector, pixels), pixels, case, draw)
    total = sum(WEIGHTS[name] * value for name, value in parts.items())
    total.backward()
    return {"loss": total.item(), "ce": mean.item(), "parts": {name: value.item() for name, value in parts.items()}}


def norm_of(parameters):
    return torch.linalg.vector_norm(torch.cat([p.grad.flatten() for p in parameters]))


def copies(tensors):
    return {name: value.detach().clone() for name, value in tensors.items()}


def restore(tensors, values):
    with torch.no_grad():
        for name, value in values.items():
            tensors[name].copy_(value)


def take_step(detector, optimizer, pixels, case, number):
    """Foret et al. 2021, algorithm 1. Running statistics are those of the first pass."""
    passes = [gather(detector, pixels, case, 2 * number)]
    buffers = dict(detector.named_buffers())
    parameters = {name: p for name, p in detector.named_parameters() if p.grad is not None}
    start, statistics = copies(parameters), copies(buffers)
    with torch.no_grad():
        scale = RHO / (norm_of(parameters.values()) + 1e-12)
        for p in parameters.values():
            p.add_(scale * p.grad)
    passes.append(gather(detector, pixels, case, 2 * number + 1))
    restore(parameters, start)
    restore(buffers, statistics)
    norm = norm_of(parameters.values()).item()
    optimizer.step()
    return {"passes": passes, "gradNorm": norm}


def kept(detector):
    """Parameters that are read, and running statistics, by ascending name."""
    unread = ("last_linear", "block_fused")
    parameters = {n: p for n, p in detector.named_parameters() if not any(word in n for word in unread)}
    statistics = {n: b for n, b in detector.named_buffers() if b.is_floating_point()}
    return {kind: dict(sorted(copies(t).items())) for kind, t in (("parameters", parameters), ("statistics", statistics))}


def opened(case, checkout):
    detector = authors_detector(checkout, WIDTH, case["folder"] == "methods")
    detector.load_state_dict(load_file(HERE.parent / "fair_detector" / case["folder"] / "model.safetensors"))
    return detector.double().train()


def run(detector, case, pixels):
    optimizer = torch.optim.SGD(detector.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    before = kept(detector)
    told = take_step(detector, optimizer, pixels, case, 0)
    added = {kind: {n: v - before[kind][n] for n, v in values.items()} for kind, values in kept(detector).items()}
    take_step(detector, optimizer, pixels, case, 1)
    return {**told, "later": gather(detector, pixels, case, 4)["loss"]}, added


def disturbed(detector, generator):
    """By about the rounding of fp32."""
    with torch.no_grad():
        for p in detector.parameters():
            p.mul_(1 + 1e-7 * torch.randn(p.shape, dtype=p.dtype, generator=generator))
    return detector


def is_smooth(case, checkout, pixels, expected):
    """Whether rounding leaves results as they are: no rectifier or maximum is so near its kink that it would flip."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(DISTURBED):
        told, added = run(disturbed(opened(case, checkout), generator), case, pixels)
        if abs(told["later"] / expected[0]["later"] - 1) > 3e-3:
            return False
        for name, wanted in expected[1]["parameters"].items():
            if (added["parameters"][name] - wanted).abs().max() > 1e-4 * wanted.abs().max():
                return False
    return True


def joined(values):
    return torch.cat([value.flatten() for value in values.values()]).float()


def main():
    checkout = sys.argv[1]
    generator = torch.Generator().manual_seed(20261127)
    while True:
        images = torch.randint(0, 256, (2 * PAIRS, SIDE, SIDE, 3), dtype=torch.uint8, generator=generator)
        pixels = images.permute(0, 3, 1, 2).double() / 127.5 - 1
        results = {name: run(opened(case, checkout), case, pixels) for name, case in CASES.items()}
        if all(is_smooth(case, checkout, pixels, results[name]) for name, case in CASES.items()):
            break
    save_file({"images": images}, HERE / "images.safetensors")
    for name, (_, added) in results.items():
        save_file({kind: joined(values) for kind, values in added.items()}, HERE / f"{name}.safetensors")
    (HERE / "steps.json").write_text(json.dumps({name: told for name, (told, _) in results.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
