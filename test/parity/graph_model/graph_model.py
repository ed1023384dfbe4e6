"""TensorFlow.js graph models, run op by op with PyTorch: the reference that the C++ networks are held against.

The file format is model.json (topology and weights manifest) with little-endian weight shards beside it
(github.com/tensorflow/tfjs, tfjs-converter). Ops are those of inference graphs with folded batch norm; SAME padding is
TensorFlow's: the odd pixel goes to the bottom and to the right. Tensors are NHWC, as in the graph.
"""

import base64
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def _dequantise(raw, spec):
    """One tensor of the manifest from its bytes; returns it and how many bytes it took."""
    quantization = spec.get('quantization')
    count = math.prod(spec['shape'])
    stored = np.dtype(quantization['dtype'] if quantization else spec['dtype']).newbyteorder('<')
    size = count * stored.itemsize
    values = np.frombuffer(raw[:size], stored)
    if quantization and quantization['dtype'] != 'float16':
        values = values.astype(np.float64) * quantization["scale"] + quantization["min"]  # rounded once, as in tfjs-core
    return values.astype(spec['dtype']).reshape(spec['shape']), size


def read_weights(path):
    """Weights by name, as NumPy arrays."""
    path = Path(path)
    weights = {}
    for group in json.loads(path.read_text())['weightsManifest']:
        raw = b''.join((path.parent / shard).read_bytes() for shard in group['paths'])
        for spec in group['weights']:
            weights[spec['name']], size = _dequantise(raw, spec)
            raw = raw[size:]
        assert not raw
    return weights


def _same(x, kernel, stride, value=0.0):
    """Pads NCHW as TensorFlow does for padding SAME."""
    pads = []
    for size, k, s in zip(reversed(x.shape[2:]), reversed(kernel), reversed(stride)):
        total = max((math.ceil(size / s) - 1) * s + k - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def _attributes(node):
    found = {}
    for name, value in node.get('attr', {}).items():
        if 's' in value:
            found[name] = base64.b64decode(value['s']).decode()
        elif 'list' in value and 'i' in value['list']:
            found[name] = [int(i) for i in value['list']['i']]
        elif 'list' in value and 's' in value['list']:
            found[name] = [base64.b64decode(s).decode() for s in value['list']['s']]
        elif 'b' in value:
            found[name] = value['b']
    return found


def _activate(x, attr):
    for op in attr.get('fused_ops', [])[1:]:
        assert op == 'Relu', op
        x = torch.relu(x)
    return x


def _conv(x, weight, attr, groups=1):
    x, stride = x.permute(0, 3, 1, 2), attr['strides'][1:3]
    assert attr['dilations'] == [1, 1, 1, 1]
    if attr['padding'] == 'SAME':
        x = _same(x, weight.shape[:2], stride)
    order = (2, 3, 0, 1) if groups > 1 else (3, 2, 0, 1)
    return F.conv2d(x, weight.permute(*order), stride=tuple(stride), groups=groups).permute(0, 2, 3, 1)


def _max_pool(x, attr):
    kernel, stride = attr['ksize'][1:3], attr['strides'][1:3]
    x = x.permute(0, 3, 1, 2)
    if attr['padding'] == 'SAME':
        x = _same(x, kernel, stride, -math.inf)
    return F.max_pool2d(x, kernel, stride).permute(0, 2, 3, 1)


def _pad(x, paddings):
    return F.pad(x, [int(p) for pair in reversed(paddings.tolist()) for p in pair])


def _run_op(op, x, attr):
    """x: inputs in the graph's order."""
    if op == '_FusedConv2D':
        return _activate(_conv(x[0], x[1], attr) + x[2], attr)
    if op == 'DepthwiseConv2dNative':
        return _conv(x[0], x[1], attr, groups=x[0].shape[-1])
    if op == '_FusedMatMul':
        return _activate(x[0] @ x[1] + x[2], attr)
    simple = {
        'Mul': lambda: x[0] * x[1],
        'Add': lambda: x[0] + x[1],
        'AddV2': lambda: x[0] + x[1],
        'Relu': lambda: torch.relu(x[0]),
        'MaxPool': lambda: _max_pool(x[0], attr),
        'Max': lambda: x[0].amax(tuple(x[1].tolist()), keepdim=attr.get('keep_dims', False)),
        'Mean': lambda: x[0].mean(tuple(x[1].tolist()), keepdim=attr.get('keep_dims', False)),
        'Pad': lambda: _pad(x[0], x[1]),
        'Reshape': lambda: x[0].reshape([x[0].shape[0], *x[1].tolist()[1:]]),
        'Softmax': lambda: torch.softmax(x[0], -1),
        'Identity': lambda: x[0],
    }
    return simple[op]()


class GraphModel:
    """A graph, its weights as tensors in `weights`; call it with an NHWC batch."""

    def __init__(self, path, dtype=torch.float32):
        self.nodes = {node['name']: node for node in json.loads(Path(path).read_text())['modelTopology']['node']}
        self.weights = {name: torch.from_numpy(value.copy()) for name, value in read_weights(path).items()}
        self.weights = {n: w.to(dtype) if w.is_floating_point() else w for n, w in self.weights.items()}

    @torch.inference_mode()
    def __call__(self, batch, outputs):
        """Values of the named nodes, in order."""
        known = dict(self.weights)

        def value(name):
            if name not in known:
                node = self.nodes[name]
                inputs = [] if node['op'] == 'Placeholder' else [value(i.split(':')[0]) for i in node['input']]
                known[name] = batch if node['op'] == 'Placeholder' else _run_op(node['op'], inputs, _attributes(node))
            return known[name]

        return [value(name) for name in outputs]


def synthetic_images(height, width, channels):
    """[2,H,W,C] of whole numbers 0 to 255, by formulas that any language can repeat exactly."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing='ij')
    stripes = (7 * x + 13 * y + 61 * c) % 256
    rings = ((x - width // 2) ** 2 + (y - height // 2) ** 2) // 16 + 29 * c
    return np.stack([stripes, rings % 256]).astype(np.float32)
