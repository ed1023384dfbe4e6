"""Makes the fixture of architectures.test.ts: what timm builds for each architecture that deepcode names.

    python test/parity/architectures/generate.py < names.txt
"""
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402

ACTIVATIONS = {"GELU": "gelu", "GELUTanh": "gelu_tanh", "QuickGELU": "quick_gelu", "SiLU": "silu"}


def describe(name):
    with torch.device("meta"):
        model = timm.create_model(name, num_classes=2)
    block = model.blocks[0]
    scale = getattr(block.ls1, "init_values", None)
    return {
        "imageHeight": model.patch_embed.img_size[0],
        "imageWidth": model.patch_embed.img_size[1],
        "patchHeight": model.patch_embed.img_size[0] // model.patch_embed.grid_size[0],
        "patchWidth": model.patch_embed.img_size[1] // model.patch_embed.grid_size[1],
        "inChannels": model.in_chans,
        "globalPool": model.global_pool,
        "embedDim": model.embed_dim,
        "depth": len(model.blocks),
        "numHeads": block.attn.num_heads,
        "hidden": block.mlp.fc1.out_features,
        "qkvBias": block.attn.qkv.bias is not None,
        "projBias": block.attn.proj.bias is not None,
        "qkNorm": not isinstance(block.attn.q_norm, torch.nn.Identity),
        "initValues": scale,
        "classToken": model.cls_token is not None,
        "regTokens": model.num_reg_tokens,
        "posEmbed": model.pos_embed is not None,
        "noEmbedClass": model.no_embed_class,
        "preNorm": not isinstance(model.norm_pre, torch.nn.Identity),
        "fcNorm": not isinstance(model.fc_norm, torch.nn.Identity),
        "distilled": hasattr(model, "head_dist"),
        "normEps": block.norm1.eps,
        "activation": ACTIVATIONS[type(block.mlp.act).__name__],
        "modules": sorted(n for n, m in model.named_modules() if n and next(m.parameters(), None) is not None),
        "linears": [n for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)],
    }


def shorten(described):
    """Module names of the first block only; the others repeat them."""
    for key in ("modules", "linears"):
        described[key] = [n for n in described[key] if not n.startswith("blocks.") or n.startswith("blocks.0")]
    return described


def main():
    names = sys.stdin.read().split()
    fixtures = {name: shorten(describe(name)) for name in names}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fixtures.items())
    (HERE / "fixtures.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
