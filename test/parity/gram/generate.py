"""Makes the fixtures of gram.test.ts: Gram matrices of VGG-19 features, in PyTorch.

    python test/parity/gram/generate.py

No weights of VGG-19 are at hand: they are random, at full size, from a seed, and the test draws the same ones
(native/pipelines/random_weights.cc). The network is torchvision's vgg19().features by its configuration E. expected.json
holds a few weights, the distances per layer in every variation, and sums over the Gram matrices of one image; a.png, b.png
and c.png are the images, 64 x 64 pixels of smooth noise.
"""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
SEED = 20260711
SIZE = 64
CONFIGURATION = [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"]
LAYERS = {"conv1_1": 0, "conv2_1": 5, "conv3_1": 10, "conv4_1": 19, "conv5_1": 28}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def make_features():
    layers, channels = [], 3
    for item in CONFIGURATION:
        if item == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
        else:
            layers += [torch.nn.Conv2d(channels, item, 3, padding=1), torch.nn.ReLU()]
            channels = item
    return torch.nn.Sequential(*layers)


def randomize(features):
    generator = torch.Generator("cpu").manual_seed(SEED)
    for parameter in features.parameters():
        values = torch.randn(parameter.shape, generator=generator)
        parameter.data = (values * 0.02 if parameter.ndim == 1 else values / math.sqrt(parameter[0].numel())).half().float()


def make_images():
    small = np.random.default_rng(3).integers(0, 256, (3, 9, 9, 3), dtype=np.uint8)
    images = [Image.fromarray(item).resize((SIZE, SIZE), Image.BICUBIC) for item in small]
    for image, name in zip(images, "abc"):
        image.save(HERE / f"{name}.png")
    return torch.from_numpy(np.stack([np.asarray(image) for image in images]))


def grams(features, images, after_relu, normalized):
    """By layer, [N, C, C]."""
    pixels = images.float().div(255).sub(torch.tensor(MEAN)).div(torch.tensor(STD)).permute(0, 3, 1, 2)
    wanted = {index + after_relu: name for name, index in LAYERS.items()}
    found = {}
    x = pixels
    for index, layer in enumerate(features):
        x = layer(x)
        if index in wanted:
            f = x.flatten(2)
            g = f @ f.transpose(1, 2)
            found[wanted[index]] = g / (f.shape[1] * f.shape[2]) if normalized else g
    return found


def distance(a, b, kind):
    difference = (a - b).double()
    return (difference.abs().sum() if kind == "l1" else difference.square().sum().sqrt()).item()


def main():
    features = make_features().eval()
    randomize(features)
    images = make_images()
    cases = []
    with torch.inference_mode():
        for after_relu, normalized in itertools.product((True, False), (True, False)):
            found = grams(features, images, after_relu, normalized)
            for kind in ("l1", "l2"):
                cases.append(
                    {
                        "features": "relu" if after_relu else "conv",
                        "unnormalized": not normalized,
                        "distance": kind,
                        "ab": {name: distance(g[0], g[1], kind) for name, g in found.items()},
                        "ac": {name: distance(g[0], g[2], kind) for name, g in found.items()},
                    }
                )
        matrices = grams(features, images, True, True)
    expected = {
        "seed": SEED,
        "weights": {name: features.state_dict()[name].flatten()[:3].tolist() for name in ("0.weight", "28.weight", "34.bias")},
        "traces": {name: g[0].diagonal().sum().item() for name, g in matrices.items()},
        "sums": {name: g[0].double().sum().item() for name, g in matrices.items()},
        "cases": cases,
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
