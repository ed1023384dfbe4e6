"""HDF5 files that deepcode convert refuses, made with h5py 3.16. Each is a small Keras file with one thing wrong.

Usage: python generate.py   (needs numpy and h5py)
"""

import json
import zlib
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
VALUES = np.arange(6, dtype="<f4").reshape(2, 3)


def create(name, libver="earliest"):
    file = h5py.File(HERE / f"{name}.h5", "w", libver=libver)
    file.create_dataset("dense/kernel:0", data=VALUES)
    return file


def with_config(name, config, fixed=False):
    with create(name) as file:
        text = json.dumps(config)
        file.attrs["model_config"] = np.bytes_(text) if fixed else text


def lambda_config():
    layer = {"class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None], "function_type": "lambda"}}
    return {"class_name": "Sequential", "config": {"layers": [layer]}}


def links():
    with create("external-link") as file:
        file["other"] = h5py.ExternalLink("/etc/hostname.h5", "/x")
    with create("external-link-to-itself") as file:
        file["other"] = h5py.ExternalLink("input", "/dense")
    with create("soft-link") as file:
        file["other"] = h5py.SoftLink("/other")
    with create("group-cycle") as file:
        group = file.create_group("a")
        group["b"] = group
        group["c"] = group


def places():
    with create("external-storage") as file:
        file.create_dataset("x", shape=(4,), dtype="<f4", external=[("/etc/hostname", 0, 16)])
    with create("virtual", libver="latest") as file:
        layout = h5py.VirtualLayout(shape=(4,), dtype="<f4")
        layout[:] = h5py.VirtualSource("/etc/hostname.h5", "x", shape=(4,))
        file.create_virtual_dataset("x", layout)
    with create("never-written") as file:
        file.create_dataset("x", shape=(10**12,), dtype="<f4")


def filters():
    with create("lzf") as file:
        file.create_dataset("x", data=VALUES, chunks=(2, 3), compression="lzf")
    with create("scale-offset") as file:
        file.create_dataset("x", data=VALUES, chunks=(2, 3), scaleoffset=2)
    with create("fletcher32") as file:
        file.create_dataset("x", data=VALUES, chunks=(2, 3), fletcher32=True)
    with create("gzip-bomb") as file:
        data = np.zeros((1 << 25,), "<f4")
        file.create_dataset("x", data=data, chunks=(1 << 22,), compression="gzip", compression_opts=9)
    # A chunk of 4 KB whose stream inflates to 96 MB.
    with create("gzip-false-size") as file:
        dataset = file.create_dataset("x", shape=(1024,), dtype="<f4", chunks=(1024,), compression="gzip")
        dataset.id.write_direct_chunk((0,), zlib.compress(bytes(96 << 20), 9))
    with create("huge-chunk") as file:
        dataset = file.create_dataset("x", shape=(1024,), maxshape=(None,), dtype="<f4", chunks=(1 << 28,), compression="gzip")
        dataset.id.write_direct_chunk((0,), zlib.compress(bytes(4096), 9))


def damage():
    with create("plain") as file:
        file.create_dataset("conv/kernel:0", data=VALUES)
    plain = (HERE / "plain.h5").read_bytes()
    # Version 1 B-tree nodes: signature, type, level, entries (2), left sibling (8), right sibling (8), key (8), child (8).
    tree = plain.index(b"TREE")
    own = tree.to_bytes(8, "little")
    loop = bytearray(plain)
    loop[tree + 5] = 1
    loop[tree + 32 : tree + 40] = own
    (HERE / "tree-loop.h5").write_bytes(loop)
    heap = bytearray(plain)
    at = heap.index(b"HEAP")
    heap[at + 8 : at + 16] = (1 << 40).to_bytes(8, "little")
    (HERE / "huge-heap.h5").write_bytes(heap)
    (HERE / "cut-off.h5").write_bytes(plain[: len(plain) // 2])
    (HERE / "signature-only.h5").write_bytes(plain[:8])


if __name__ == "__main__":
    with_config("lambda", lambda_config())
    with_config("lambda-fixed-text", lambda_config(), fixed=True)
    links()
    places()
    filters()
    damage()
