"""Makes the fixtures of fair_detector.test.ts: a narrow copy of the authors' detector with outputs and gradients.

    python test/parity/fair_detector/generate.py CHECKOUT

CHECKOUT is one of github.com/Purdue-M2/Fairness-Generalization. The reference computes in float64: deviations from the
fixtures are the package's own rounding.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from reference import authors_detector, outputs_of, take_statistics  # noqa: E402
from narrow import randomize  # noqa: E402

WIDTH = 1 / 64
SIDE = 64
BATCH = 4
STEP = 8  # of what is kept of an image, so that fixtures stay small
MODES = {"evaluate": False, "update": True}


def weights_of(output):
    """What each element counts in the sum that is differentiated: the test computes the same."""
    return torch.arange(output.numel(), dtype=torch.float64).cos().reshape(output.shape) / output.numel()


def kept(name, value):
    return value[:, :, ::STEP, ::STEP] if name.endswith("reconstruction") else value


def run(detector, training, pixels):
    detector.train(training)
    detector.zero_grad(set_to_none=True)
    outputs = outputs_of(detector, pixels)
    sum((value * weights_of(value)).sum() for value in outputs.values()).backward()
    expected = {f"outputs.{n}": kept(n, v) for n, v in outputs.items()}
    expected |= {f"gradients.{n}": p.grad for n, p in detector.named_parameters() if p.grad is not None}
    if training:
        expected |= {f"buffers.{n}": b for n, b in detector.named_buffers() if b.is_floating_point()}
    return {name: value.detach().float().contiguous() for name, value in expected.items()}


def write(folder, detector, images, generator):
    take_statistics(randomize(detector, generator), images, generator)
    folder.mkdir(exist_ok=True)
    save_file(detector.state_dict(), folder / "model.safetensors")
    classes = detector.head_spe.mlp[2].out_features if hasattr(detector, "head_spe") else 0
    arguments = {"img_size": SIDE, "width": WIDTH, "specific_classes": classes, "groups": 8}
    dropout = {"head_dropout": 0, "decoder_dropout": 0}
    config = {"architecture": "fair_xception", "num_classes": 2, "model_args": arguments | dropout}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    detector.double()
    for mode, training in MODES.items():
        save_file(run(detector, training, images.double() / 127.5 - 1), folder / f"{mode}.safetensors")


def main():
    generator = torch.Generator().manual_seed(20261123)
    images = torch.randint(0, 256, (BATCH, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    save_file({"images": images}, HERE / "images.safetensors")
    for name, specific in {"methods": True, "one-method": False}.items():
        write(HERE / name, authors_detector(sys.argv[1], WIDTH, specific), images, generator)


if __name__ == "__main__":
    main()
