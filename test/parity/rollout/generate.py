"""Makes the fixture of rollout.test.ts: gradient-weighted attention rollout on timm models with hooks.

    python test/parity/rollout/generate.py

The networks are ../lora/base (class token) and ../vit/registers-average (mean pooling, register tokens).
"""
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from timm.layers import set_fused_attn  # noqa: E402

NETWORKS = {"class-token": HERE.parent / "lora" / "base", "mean": HERE.parent / "vit" / "registers-average"}


def load(folder):
    config = json.loads((folder / "config.json").read_text())
    model = timm.create_model(config["architecture"], num_classes=config["num_classes"], **config["model_args"])
    model.load_state_dict(load_file(folder / "model.safetensors"))
    mean, std = (torch.tensor(config["pretrained_cfg"][key]).view(3, 1, 1) for key in ("mean", "std"))
    return model.eval(), lambda images: (images.permute(0, 3, 1, 2).float() / 255 - mean) / std


def rollout(model, pixels, direction):
    """Chefer et al. 2021, equations 5 and 6, with the loop over tokens' relevance written out."""
    attention = []

    def keep(module, inputs, output):
        output.retain_grad()
        attention.append(output)

    hooks = [block.attn.attn_drop.register_forward_hook(keep) for block in model.blocks]
    logits = model(pixels)
    (direction * (logits[:, 1] - logits[:, 0])).sum().backward()
    for hook in hooks:
        hook.remove()
    maps = []
    for i in range(len(pixels)):
        relevance = torch.eye(attention[0].shape[-1])
        for weights in attention:
            relevance = relevance + (weights.grad[i] * weights[i]).clamp(min=0).mean(0) @ relevance
        prefix = model.num_prefix_tokens
        row = relevance[0, prefix:] if model.global_pool == "token" else relevance[prefix:, prefix:].mean(0)
        maps.append(row.detach())
    return torch.stack(maps)


def main():
    torch.manual_seed(20260104)
    set_fused_attn(False)
    images = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    tensors = {"images": images}
    for name, folder in NETWORKS.items():
        model, to_pixels = load(folder)
        for direction in (1, -1):
            tensors[f"{name}.{direction}"] = rollout(model, to_pixels(images), direction).contiguous()
    save_file(tensors, HERE / "maps.safetensors")


if __name__ == "__main__":
    main()
