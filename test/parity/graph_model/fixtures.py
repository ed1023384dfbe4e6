"""What gear/, emotion/ and blazeface/ share: fixtures of a network that a graph model describes.

Each network is written twice: as the graph, which graph_model.py runs op by op, and as plain PyTorch from the converted
weights, the way its table in ts/attributes says. A fixture is written only when both agree. `expected.safetensors` has
the graph's outputs for the two formulas of synthetic_images; `small.safetensors` has a narrow network with random
weights, and `small-expected.safetensors` its outputs, for tests that have no real weights.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from graph_model import GraphModel, synthetic_images

TOLERANCE = 1e-5


def folders(usage):
    if len(sys.argv) != 3:
        sys.exit(usage)
    return Path(sys.argv[1]), Path(sys.argv[2])


def images(size, channels, scale, offset):
    """[2,C,H,W], pixels scaled as the network reads them."""
    pixels = torch.from_numpy(synthetic_images(size, size, channels)) * torch.tensor(scale, dtype=torch.float32) - offset
    return pixels.permute(0, 3, 1, 2).contiguous()


def relative(actual, expected):
    return ((actual - expected).abs().max() / expected.abs().max()).item()


def write_real(here, graph, weights, network, batch, outputs):
    """outputs: name in the fixture -> node of the graph, in the order of the network's results."""
    model = GraphModel(graph)
    runs = [model(image[None].permute(0, 2, 3, 1), list(outputs.values())) for image in batch]
    expected = {name: torch.cat(parts) for name, parts in zip(outputs, zip(*runs))}
    with torch.inference_mode():
        actual = network(load_file(weights), batch)
    for (name, values), other in zip(expected.items(), actual):
        error = relative(other, values)
        print(f"{name}: network against graph {error:.2e}")
        assert error < TOLERANCE, name
    save_file({name: values.contiguous() for name, values in expected.items()}, here / "expected.safetensors")


def random_like(shapes, seed):
    """Weights that keep activations near one: He's initialisation, small biases, scales around one."""
    generator = torch.Generator().manual_seed(seed)
    draw = lambda shape: torch.randn(shape, generator=generator)  # noqa: E731
    weights = {}
    for key, shape in shapes.items():
        if len(shape) > 1:
            weights[key] = draw(shape) * (2 / torch.tensor(shape[1:]).prod()).sqrt()
        elif "normalization" in key and key.endswith("weight"):
            weights[key] = 1 + 0.2 * draw(shape)
        else:
            weights[key] = 0.1 * draw(shape)
    return weights


def write_small(here, shapes, network, batch, names, seed):
    weights = random_like(shapes, seed)
    with torch.inference_mode():
        results = dict(zip(names, (result.contiguous() for result in network(weights, batch))))
    save_file(weights, here / "small.safetensors")
    save_file(results, here / "small-expected.safetensors")
