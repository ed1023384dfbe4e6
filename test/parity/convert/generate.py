"""Checkpoints as torch and h5py write and read them, and checksums of every tensor.

*.pth, *.pt, *.h5     small checkpoints of every kind that deepcode convert reads
expected.json         for each of them, and for the real files beside the checkout: {file: {name: [dtype, shape, SHA-256]}}
                      of the values in row-major order; under "FILE DTYPE" as torch converts them to fp16 and bf16, under
                      "FILE pytorch" with Keras's kernels in PyTorch's layout

Usage: python generate.py [FOLDER WITH THE REAL MODELS]   (needs torch, numpy and h5py)
Made with torch 2.13, h5py 3.16 and HDF5 2.0. The real files' entries are kept when the folder is not given.
"""

import hashlib
import json
import sys
from collections import OrderedDict
from pathlib import Path

import h5py
import numpy as np
import torch

HERE = Path(__file__).parent
TORCH_FILES = ["blazeface/blazefaceback.pth", "mtcnn/pnet.pt", "mtcnn/rnet.pt", "mtcnn/onet.pt"]
KERAS_FILE = "emotion/fer2013_mini_XCEPTION.102-0.66.hdf5"

NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.complex64: "C64", torch.uint16: "U16", torch.uint32: "U32", torch.uint64: "U64",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
}  # fmt: skip


def entry(dtype, shape, data):
    return [dtype, list(shape), hashlib.sha256(data).hexdigest()]


def of_tensor(tensor):
    plain = tensor.detach().contiguous()
    data = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    return entry(NAMES[tensor.dtype], tensor.shape, data)


def of_array(array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    name = {"f": "F", "i": "I", "u": "U"}[array.dtype.kind] + str(8 * array.dtype.itemsize)
    return entry(name, array.shape, little.tobytes())


def random(*shape):
    return torch.randn(*shape)


def every_kind():
    """Every dtype, and tensors that lie in their storage in every way."""
    torch.manual_seed(1)
    values = OrderedDict()
    for dtype, name in NAMES.items():
        values[f"dtypes.{name}"] = (torch.randn(3, 5) * 50).abs().to(dtype)
    storage = random(4, 6, 5)
    values["views.whole"] = storage
    values["views.offset"] = storage[1]
    values["views.transposed"] = storage.transpose(0, 2)
    values["views.steps"] = storage[::2, 1::3, ::4]
    values["views.expanded"] = storage[0, :, :1].expand(6, 7)
    values["views.channels_last"] = random(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    values["views.one"] = random(5, 1, 1).transpose(0, 2)
    values["shapes.scalar"] = torch.tensor(2.5)
    values["shapes.empty"] = torch.zeros(0, 3)
    values["parameter"] = torch.nn.Parameter(random(2, 2))
    values["names.é 😀"] = random(1)
    values["special"] = torch.tensor([float("inf"), -float("inf"), -0.0, 1e-40, float("nan")])
    return values


def legacy_kinds():
    unsigned = {"dtypes.U16", "dtypes.U32", "dtypes.U64", "dtypes.F8_E4M3", "dtypes.F8_E5M2"}
    return OrderedDict((name, value) for name, value in every_kind().items() if name not in unsigned)


def training_run():
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    optimizer = torch.optim.Adam(model.parameters())
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    state = OrderedDict((f"module.{name}", value) for name, value in model.state_dict().items())
    return {"epoch": 3, "arch": "small", "best": 0.5, "state_dict": state, "optimizer": optimizer.state_dict(), "done": True, "args": None}


def floats():
    """Values at which rounding to 16 bits is decided; no NaN, whose bits depend on torch's vector instructions."""
    torch.manual_seed(2)
    bits = torch.randint(0, 2**31 - 1, (4000,), dtype=torch.int64).to(torch.int32)
    any_float = bits.view(torch.float32)
    any_float = any_float[any_float.isfinite() & (any_float.abs() < 65000)]
    halves = torch.arange(0, 0x7BFF, 7, dtype=torch.int32).to(torch.int16).view(torch.float16).float()
    ties = (halves[1:] + halves[:-1]) / 2
    edges = torch.tensor([65504.0, 65519.996, 2.0**-24, 2.0**-25, 2.0**-25 * 1.0001, 3 * 2.0**-25, 0.0, -0.0, float("inf")])
    return {"f32": torch.cat([any_float, -any_float, halves, ties, -ties, edges]), "f64": torch.randn(99, dtype=torch.float64), "i64": torch.arange(3)}


def write_torch(expected):
    cases = {
        "every-kind.pth": (every_kind(), {}),
        "every-kind-legacy.pt": (legacy_kinds(), {"_use_new_zipfile_serialization": False}),
        "floats.pth": (floats(), {}),
    }
    for name, (values, options) in cases.items():
        torch.save(values, HERE / name, **options)
        expected[name] = {key: of_tensor(value) for key, value in torch.load(HERE / name).items()}
    for suffix, dtype in (("fp16", torch.float16), ("bf16", torch.bfloat16), ("fp32", torch.float32)):
        changed = {key: value.to(dtype) if value.is_floating_point() else value for key, value in floats().items()}
        expected[f"floats.pth {suffix}"] = {key: of_tensor(value) for key, value in changed.items()}
    for name, options in (("training.pth", {}), ("training-legacy.pth", {"_use_new_zipfile_serialization": False})):
        torch.manual_seed(3)
        torch.save(training_run(), HERE / name, **options)
        state = torch.load(HERE / name)["state_dict"]
        expected[name] = {key: of_tensor(value) for key, value in state.items()}
    torch.save([random(2), {"inner": (random(3), {0: random(1)})}, "text"], HERE / "nested.pth")
    first, second, _ = torch.load(HERE / "nested.pth")
    parts = {"0": first, "1.inner.0": second["inner"][0], "1.inner.1.0": second["inner"][1][0]}
    expected["nested.pth"] = {key: of_tensor(value) for key, value in parts.items()}


def to_pytorch(name, array):
    kind = name.split(".")[-1]
    if kind == "depthwise_kernel":
        height, width, channels, multiplier = array.shape
        return array.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    if not kind.endswith("kernel"):
        return array
    return {2: lambda: array.T, 3: lambda: array.transpose(2, 1, 0), 4: lambda: array.transpose(3, 2, 0, 1)}[array.ndim]()


def keras_weights(file):
    """Layer and variable by the attributes that Keras itself goes by."""
    root = file["model_weights"] if "model_weights" in file else file
    weights = {}
    for layer in root:
        for name in root[layer].attrs.get("weight_names", []):
            text = name.decode() if isinstance(name, bytes) else name
            weights[f"{layer}.{text.split('/')[-1].removesuffix(':0')}"] = root[layer][text][()]
    return weights


def expect_keras(expected, name, path):
    with h5py.File(path) as file:
        weights = keras_weights(file)
    expected[name] = {key: of_array(np.asarray(value)) for key, value in weights.items()}
    expected[f"{name} pytorch"] = {key: of_array(to_pytorch(key, np.asarray(value))) for key, value in weights.items()}


def write_keras(path, libver, whole_model=True, **options):
    """A file laid out as Keras 2 lays one out, written by h5py as Keras does."""
    generator = np.random.default_rng(4)
    layers = {
        "conv2d": {"kernel": (3, 3, 4, 8), "bias": (8,)},
        "separable_conv2d": {"depthwise_kernel": (3, 3, 8, 2), "pointwise_kernel": (1, 1, 16, 5)},
        "dense_1": {"kernel": (40, 10), "bias": (10,)},
        "conv1d": {"kernel": (5, 2, 3)},
        "batch_normalization": {name: (6,) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
        **{f"extra_{i}": {"kernel": (2, 3)} for i in range(12)},
    }
    with h5py.File(path, "w", libver=libver) as file:
        root = file.create_group("model_weights") if whole_model else file
        for layer, variables in layers.items():
            group = root.create_group(layer)
            names = [f"{layer}/{variable}:0" for variable in variables]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, shape in zip(names, variables.values()):
                data = generator.standard_normal(shape)
                dtype = options.get("dtype", "<f4")
                chunked = {"chunks": tuple(min(4, n) for n in shape), "compression": "gzip", "shuffle": True} if options.get("gzip") else {}
                group.create_dataset(name, data=data.astype(dtype), **chunked)
        if whole_model:
            file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": []}})
            file.create_dataset("optimizer_weights/Adam/iterations:0", data=np.int64(7))


def write_hdf5(expected):
    cases = {
        "keras.h5": dict(libver="earliest"),
        "keras-weights.h5": dict(libver="earliest", whole_model=False),
        "keras-latest.h5": dict(libver="latest"),
        "keras-gzip.h5": dict(libver="earliest", gzip=True),
        "keras-big-endian.h5": dict(libver="earliest", dtype=">f8"),
        "keras-half.h5": dict(libver="v110", dtype="<f2", gzip=True),
    }
    for name, options in cases.items():
        write_keras(HERE / name, **options)
        expect_keras(expected, name, HERE / name)


def write_keras3(expected):
    """Keras 3's .weights.h5: variables by number, and a group for what has none."""
    with h5py.File(HERE / "keras3.weights.h5", "w") as file:
        for layer, shapes in {"dense": [(3, 2), (2,)], "conv2d": [(1, 1, 2, 3)]}.items():
            for i, shape in enumerate(shapes):
                data = np.random.default_rng(i).standard_normal(shape).astype("<f4")
                file.create_dataset(f"layers/{layer}/vars/{i}", data=data)
                expected.setdefault("keras3.weights.h5", {})[f"layers.{layer}.vars.{i}"] = of_array(data)
        file.create_group("optimizer/vars").create_dataset("0", data=np.int64(3))
        file.create_group("layers/activation/vars")


def read_real(expected, models):
    for file in TORCH_FILES:
        state = torch.load(models / file, map_location="cpu", weights_only=True)
        expected[f"models/{file}"] = {name: of_tensor(value) for name, value in state.items()}
    expect_keras(expected, f"models/{KERAS_FILE}", models / KERAS_FILE)


if __name__ == "__main__":
    path = HERE / "expected.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    result = {name: value for name, value in before.items() if name.startswith("models/")}
    write_torch(result)
    write_hdf5(result)
    write_keras3(result)
    if len(sys.argv) > 1:
        read_real(result, Path(sys.argv[1]))
    text = json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text.replace("\n   ", " ").replace("\n  ]", "]").replace("\n    ", " ") + "\n")
