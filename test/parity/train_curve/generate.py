"""Makes the fixtures of train_curve.test.ts: 20 steps of training by timm, PEFT and torch.optim.

    python test/parity/train_curve/generate.py

The network is ../lora/base. Each case stores the loss and the gradient norm of every step and the logits after the last.
"""
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), *(str(HERE.parent / name) for name in ("lora", "single_center", "fair_losses"))]
import equations  # noqa: E402
import reference_ops  # noqa: E402, F401
from peft import LoraConfig, get_peft_model  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

STEPS, BATCHES, BATCH = 20, 4, 8
LORA = dict(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=["qkv"], modules_to_save=["head"])


def load(name, path):
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lora = load("lora_generate", HERE.parent / "lora" / "generate.py")
scl = load("scl_generate", HERE.parent / "single_center" / "generate.py")


def make_batches():
    """Noise whose brightness hints at the label."""
    labels = torch.randint(0, 2, (BATCHES, BATCH))
    noise = torch.rand(BATCHES, BATCH, 32, 32, 3)
    images = (noise * 180 + 40 * labels.view(BATCHES, BATCH, 1, 1, 1)).to(torch.uint8)
    return images, labels


def adapted(name):
    model = get_peft_model(lora.load_base(), LoraConfig(**LORA))
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    return model


def decay_groups(model, weight_decay):
    exempt = {"pos_embed", "cls_token"}
    parameters = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    decayed = [p for n, p in parameters if p.ndim > 1 and n not in exempt]
    plain = [p for n, p in parameters if p.ndim <= 1 or n in exempt]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def climb(parameters, rho):
    """To w + rho g / ||g||; returns w."""
    start = [p.detach().clone() for p in parameters]
    norm = torch.linalg.vector_norm(torch.stack([p.grad.norm() for p in parameters]))
    with torch.no_grad():
        for p in parameters:
            p.add_(p.grad, alpha=rho / (norm.item() + 1e-12))
    return start


def train(model, optimizer, images, labels, loss_of, clip=0.0, parts=1, extra=(), rho=0.0):
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad] + list(extra)
    losses, norms = [], []
    for step in range(STEPS):
        batch, target = images[step % BATCHES], labels[step % BATCHES]

        def gather():
            optimizer.zero_grad()
            total = 0.0
            for part, answer in zip(batch.chunk(parts), target.chunk(parts)):
                loss = loss_of(model, lora.to_pixels(part), answer)
                (loss / parts).backward()
                total += loss.item() / parts
            return total

        total = gather()
        if rho > 0:
            start = climb(parameters, rho)
            gather()
            with torch.no_grad():
                for p, value in zip(parameters, start):
                    p.copy_(value)
        norm = torch.nn.utils.clip_grad_norm_(parameters, clip if clip > 0 else float("inf"))
        optimizer.step()
        losses.append(total)
        norms.append(norm.item())
    model.eval()
    with torch.inference_mode():
        logits = model(lora.to_pixels(images[0])).flatten().tolist()
    return {"losses": losses, "gradNorms": norms, "logits": logits}


def cross_entropy(model, pixels, labels):
    return F.cross_entropy(model(pixels), labels)


class WithCenter:
    """Cross-entropy + 0.5 x Single-Center Loss; the centre starts at the first batch's real features."""

    def __init__(self, center):
        self.center, self.started = center, False

    def __call__(self, model, pixels, labels):
        network = model.base_model.model
        features = network.forward_head(network.forward_features(pixels), pre_logits=True)
        if not self.started:
            self.center.data.copy_(features[labels == 0].mean(0))
            self.started = True
        loss = scl.single_center_loss(features, labels, self.center, 0.3, True, "euclidean")
        return F.cross_entropy(network.head(features), labels) + 0.5 * loss


def bilevel(by_class):
    """The fairness loss of samples whose groups are 0, 1, 2, 0, 1, 2, ..."""

    def loss(model, pixels, labels):
        losses = F.cross_entropy(model(pixels), labels, reduction="none").double()
        groups = torch.arange(len(labels)) % 3
        return equations.bilevel(losses, equations.by_class(groups, labels) if by_class else groups, 0.9, 0.5)

    return loss


def main():
    torch.manual_seed(20260103)
    images, labels = make_batches()
    save_file({"images": images, "labels": labels.to(torch.uint8)}, HERE / "batches.safetensors")
    curves = {}
    model = adapted("adapter")
    start = {name: value.clone() for name, value in model.state_dict().items()}
    trainable = [p for p in model.parameters() if p.requires_grad]
    curves["lora"] = train(model, torch.optim.Adam(trainable, lr=1e-3), images, labels, cross_entropy)

    model.load_state_dict(start)
    curves["accumulated"] = train(
        model, torch.optim.Adam(trainable, lr=1e-3), images, labels, cross_entropy, clip=0.5, parts=2
    )

    model.load_state_dict(start)
    center = torch.nn.Parameter(torch.zeros(32))
    optimizer = torch.optim.Adam(trainable + [center], lr=1e-3)
    curves["scl"] = train(model, optimizer, images, labels, WithCenter(center), extra=[center])
    curves["scl"]["center"] = center.tolist()

    full = lora.load_base()
    optimizer = torch.optim.AdamW(decay_groups(full, 0.05), lr=1e-3)
    curves["adamw"] = train(full, optimizer, images, labels, cross_entropy, clip=1.0)

    full = lora.load_base()
    optimizer = torch.optim.Adam(decay_groups(full, 0.05), lr=1e-3)
    curves["adam-decay"] = train(full, optimizer, images, labels, cross_entropy)

    full = lora.load_base()
    optimizer = torch.optim.SGD(decay_groups(full, 0.01), lr=1e-2, momentum=0.9)
    curves["sgd"] = train(full, optimizer, images, labels, cross_entropy, clip=1.0)

    full = lora.load_base()
    optimizer = torch.optim.SGD(decay_groups(full, 0.01), lr=1e-2, momentum=0.9)
    curves["sam"] = train(full, optimizer, images, labels, cross_entropy, parts=2, rho=0.05)

    for name, by_class in {"fairness": False, "fairness by class": True}.items():
        full = lora.load_base()
        optimizer = torch.optim.SGD(decay_groups(full, 0.0), lr=1e-3, momentum=0.9)
        curves[name] = train(full, optimizer, images, labels, bilevel(by_class))
    (HERE / "curves.json").write_text(json.dumps(curves, indent=1) + "\n")


if __name__ == "__main__":
    main()
