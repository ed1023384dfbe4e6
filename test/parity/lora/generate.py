"""Makes the fixtures of lora.test.ts: PEFT adapters on a small random timm ViT, with the logits PEFT computes.

    python test/parity/lora/generate.py

base/ is a timm folder; every other folder is what PEFT's save_pretrained wrote, with expected.safetensors.
"""
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

ARCHITECTURE = "vit_tiny_patch16_224"
ARGUMENTS = dict(img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2)
MEAN = STD = (0.5, 0.5, 0.5)
ADAPTERS = {
    "qkv": dict(r=4, lora_alpha=8, lora_dropout=0.1, target_modules=["qkv"], modules_to_save=["head"]),
    "patterns": dict(
        r=4,
        lora_alpha=6,
        use_rslora=True,
        target_modules=["qkv", "attn.proj", "fc1"],
        rank_pattern={"blocks.0.attn.qkv": 2, "fc1": 3},
        alpha_pattern={r"blocks\.1\..*qkv": 16},
        modules_to_save=["head", "norm"],
    ),
    "regex": dict(r=2, lora_alpha=4, target_modules=r"blocks\.\d+\.mlp\.fc[12]"),
    "all-linear": dict(r=1, lora_alpha=2, target_modules="all-linear", exclude_modules=["patch_embed.proj"]),
}


def load_base():
    model = timm.create_model(ARCHITECTURE, num_classes=2, **ARGUMENTS).eval()
    model.load_state_dict(load_file(HERE / "base" / "model.safetensors"))
    return model


def to_pixels(images):
    return (images.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


def write_base():
    model = timm.create_model(ARCHITECTURE, num_classes=2, **ARGUMENTS)
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=0.5, std=0.3)
        else:
            torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
    folder = HERE / "base"
    folder.mkdir(exist_ok=True)
    config = {
        "architecture": ARCHITECTURE,
        "num_classes": 2,
        "global_pool": "token",
        "model_args": ARGUMENTS,
        "pretrained_cfg": {"mean": MEAN, "std": STD, "interpolation": "bicubic", "crop_pct": 0.9},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(model.state_dict(), folder / "model.safetensors")


def write_adapter(name, options, images):
    model = get_peft_model(load_base(), LoraConfig(**options)).eval()
    for key, parameter in model.named_parameters():
        if "lora_" in key or "modules_to_save" in key:
            torch.nn.init.normal_(parameter, std=0.3)
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    with torch.inference_mode():
        logits = model(to_pixels(images))
    save_file({"logits": logits.contiguous()}, folder / "expected.safetensors")


def main():
    torch.manual_seed(20260102)
    write_base()
    images = torch.randint(0, 256, (3, 32, 32, 3), dtype=torch.uint8)
    save_file({"images": images}, HERE / "images.safetensors")
    for name, options in ADAPTERS.items():
        write_adapter(name, options, images)


if __name__ == "__main__":
    main()
