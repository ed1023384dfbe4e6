"""Fixtures of the safetensors tests: what the reference library (safetensors 0.8, torch 2.13) writes.

every-dtype.safetensors   one tensor of each dtype, metadata (one key: more come in no fixed order), names that need escapes
every-dtype.json          the values as torch reads them, in float64 (or text for NaN and Inf)
vit-names.json            parameter names of one small ViT in timm and in transformers

Usage: python generate.py   (needs torch, safetensors, timm and transformers)
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

VALUES = [0.0, 1.0, -2.5, 0.15625]
SPECIAL = [float("inf"), float("-inf"), float("nan")]
FLOATS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E5M2": torch.float8_e5m2,
}
SMALL_FLOATS = {
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz,
}
SIGNED = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}
UNSIGNED = {"U64": torch.uint64, "U32": torch.uint32, "U16": torch.uint16, "U8": torch.uint8}


def every_dtype():
    tensors = {name: torch.tensor(VALUES + SPECIAL).to(dtype) for name, dtype in FLOATS.items()}
    tensors |= {name: torch.tensor(VALUES + SPECIAL[2:]).to(dtype) for name, dtype in SMALL_FLOATS.items()}
    tensors |= {name: torch.tensor([[0, 1], [-2, 100]], dtype=dtype) for name, dtype in SIGNED.items()}
    tensors |= {name: torch.tensor([[0, 1, 2, 200]], dtype=dtype) for name, dtype in UNSIGNED.items()}
    tensors["BOOL"] = torch.tensor([True, False, True])
    tensors["C64"] = torch.tensor([1 + 2j, -3.5j], dtype=torch.complex64)
    tensors['escapes " \\ / \n \x01 \x7f é 😀'] = torch.tensor(7.0)
    tensors["empty"] = torch.zeros(2, 0)
    return tensors


def as_numbers(tensor):
    if tensor.dtype == torch.complex64:
        tensor = torch.view_as_real(tensor)
    values = tensor.flatten().to(torch.float64).tolist()
    return [value if abs(value) < float("inf") else str(value) for value in values]


def write_every_dtype():
    path = HERE / "every-dtype.safetensors"
    save_file(every_dtype(), path, {"note": "é\t"})
    expected = {
        name: {"shape": list(tensor.shape), "values": as_numbers(tensor)}
        for name, tensor in load_file(path).items()
    }
    text = json.dumps(expected, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE / "every-dtype.json").write_text(text + "\n")


def write_vit_names():
    import reference_ops  # noqa: F401  (declares operators that timm's and transformers' imports look for)
    import timm
    from transformers import ViTConfig, ViTForImageClassification

    size = {"num_hidden_layers": 11, "hidden_size": 12, "intermediate_size": 24, "num_attention_heads": 3}
    hf = ViTForImageClassification(ViTConfig(image_size=32, num_labels=2, **size))
    timm_vit = timm.create_model(
        "vit_tiny_patch16_224", img_size=32, depth=11, embed_dim=12, num_heads=3, mlp_ratio=2, num_classes=2
    )
    # Not state_dict(): in memory, transformers 5 has other names than the checkpoints it reads and writes.
    with tempfile.TemporaryDirectory() as folder:
        hf.save_pretrained(folder)
        stored = load_file(f"{folder}/model.safetensors")
    shapes = {
        "timm": {name: list(value.shape) for name, value in timm_vit.state_dict().items()},
        "transformers": {name: list(value.shape) for name, value in stored.items()},
    }
    (HERE / "vit-names.json").write_text(json.dumps(shapes, sort_keys=True).replace("], ", "],\n") + "\n")


if __name__ == "__main__":
    write_every_dtype()
    write_vit_names()
