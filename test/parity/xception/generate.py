"""Makes the fixtures of xception.test.ts: a narrow copy of timm's legacy_xception with its logits.

    python test/parity/xception/generate.py
"""

import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402
from narrow import narrow, randomize  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

NARROW = 1 / 32
MEAN, STD = (0.5, 0.4, 0.3), (0.5, 0.25, 0.2)


def to_pixels(images):
    shape = lambda values: torch.tensor(values, dtype=torch.float64).view(3, 1, 1)  # noqa: E731
    return (images.permute(0, 3, 1, 2).double() / 255 - shape(MEAN)) / shape(STD)


def activation_map(model, maps):
    """Grad-CAM of logit 1 - logit 0, before it is cut at 0."""
    maps = maps.detach().requires_grad_(True)
    logits = model.forward_head(maps)
    (gradient,) = torch.autograd.grad((logits[:, 1] - logits[:, 0]).sum(), maps)
    return (gradient.mean((2, 3), keepdim=True) * maps).sum(1)


def write(folder, model, arguments, size, generator, dtype=torch.float64):
    """In float64 deviations from the fixture are the package's own rounding; at full size that takes minutes."""
    count, height, width = size
    images = torch.randint(0, 256, (count, height, width, 3), dtype=torch.uint8, generator=generator)
    save_file(randomize(model, generator).eval().state_dict(), folder / "model.safetensors")
    with torch.no_grad():
        maps = model.to(dtype).forward_features(to_pixels(images).to(dtype))
        expected = {"features": model.forward_head(maps, pre_logits=True), "logits": model.forward_head(maps)}
    cam = activation_map(model, maps)
    expected |= {"fake": cam.relu(), "real": (-cam).relu()}
    expected = {name: value.detach().float().contiguous() for name, value in expected.items()}
    save_file({"images": images} | expected, folder / "expected.safetensors")
    config = {
        "architecture": "legacy_xception",
        "num_classes": 2,
        "model_args": arguments,
        "pretrained_cfg": {"input_size": [3, height, width], "mean": MEAN, "std": STD},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    generator = torch.Generator().manual_seed(20261124)
    # 3 colours and 2 classes stay.
    model = narrow(timm.create_model("legacy_xception", num_classes=2), NARROW, fixed=(2, 3))
    write(HERE, model, {"width": NARROW}, (3, 75, 64), generator)


if __name__ == "__main__":
    main()
