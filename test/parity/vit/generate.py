"""Makes the fixtures of vit.test.ts: small random timm models with their logits and pre-logits features.

    python test/parity/vit/generate.py

Each case becomes a timm folder (config.json, model.safetensors) with expected.safetensors: images, logits and features.
Model arguments shrink the architectures so that a fixture stays under 300 kB.
"""
import functools
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from timm.layers import HybridEmbed  # noqa: E402
from timm.models.vision_transformer import VisionTransformer  # noqa: E402
from timm.models.vision_transformer_hybrid import ConvStem  # noqa: E402

SMALL = dict(img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2)
CASES = {
    "class-token": ("vit_tiny_patch16_224", dict(SMALL)),
    "registers-average": ("vit_medium_patch16_reg4_gap_256", dict(SMALL, reg_tokens=2, qk_norm=True)),
    "pre-norm": ("vit_base_patch32_clip_quickgelu_224", dict(SMALL)),
    "distilled": ("deit_tiny_distilled_patch16_224", dict(SMALL)),
    "layer-scale": ("deit3_small_patch16_224", dict(SMALL, img_size=[24, 40])),
    "average-max": (
        "vit_tiny_patch16_224",
        dict(SMALL, global_pool="avgmax", pool_include_prefix=True, scale_attn_norm=True, scale_mlp_norm=True),
    ),
    "no-positions": ("vit_tiny_patch16_224", dict(SMALL, pos_embed="none", qkv_bias=False, proj_bias=False, fc_norm=True)),
    "gelu-tanh": ("vit_base_patch16_siglip_gap_224", dict(SMALL, act_layer="gelu_tanh", mlp_ratio=2.6)),
}
MEAN, STD = (0.5, 0.4, 0.3), (0.5, 0.25, 0.2)


def randomize(model):
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=0.5, std=0.3)
        else:
            torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)


def make_images(count, height, width):
    return torch.randint(0, 256, (count, height, width, 3), dtype=torch.uint8)


def to_pixels(images):
    scaled = images.permute(0, 3, 1, 2).float() / 255
    return (scaled - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def write(folder, architecture, arguments, model, images, weights=None):
    with torch.inference_mode():
        pixels = to_pixels(images)
        features = model.forward_head(model.forward_features(pixels), pre_logits=True)
        logits = model(pixels)
    config = {
        "architecture": architecture,
        "num_classes": model.num_classes,
        "global_pool": model.global_pool,
        "model_args": arguments,
        "pretrained_cfg": {"mean": MEAN, "std": STD, "interpolation": "bicubic", "crop_pct": 0.9},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights or model.state_dict(), folder / "model.safetensors")
    expected = {"images": images, "logits": logits, "features": features}
    save_file({name: value.contiguous() for name, value in expected.items()}, folder / "expected.safetensors")


def main():
    torch.manual_seed(20260101)
    for name, (architecture, arguments) in CASES.items():
        model = timm.create_model(architecture, num_classes=5, **arguments).eval()
        randomize(model)
        height, width = model.patch_embed.img_size
        write(HERE / name, architecture, arguments, model, make_images(3, height, width))
    resampled()
    stems()


def resampled():
    """Weights of 32 x 32 pixels, loaded by timm into a model of 40 x 64."""
    architecture, arguments = CASES["class-token"]
    source = timm.create_model(architecture, num_classes=5, **arguments)
    randomize(source)
    larger = dict(arguments, img_size=[40, 64])
    model = timm.create_model(architecture, num_classes=5, **larger).eval()
    model.load_state_dict(timm.models.vision_transformer.checkpoint_filter_fn(source.state_dict(), model))
    write(HERE / "resampled", architecture, larger, model, make_images(3, 40, 64), weights=source.state_dict())


STEMS = {
    "stem-average": (
        dict(channels=[8, 12, 32], kernel_size=3, stride=[2, 2, 2], padding=1),
        dict(class_token=False, global_pool="avg"),
    ),
    "stem-class-token": (
        dict(channels=[8, 16, 32], kernel_size=[4, 2, 3], stride=[4, 2, 1], padding=[0, 0, 1], act_layer="gelu"),
        dict(img_size=[24, 40], no_embed_class=True, init_values=0.1),
    ),
}


def stems():
    """timm takes a stem as an object; deepcode reads it from model_args, where conv_stem has ConvStem's arguments."""
    for name, (stem, arguments) in STEMS.items():
        arguments = dict(SMALL, **arguments)
        act_layer = torch.nn.GELU if stem.get("act_layer") == "gelu" else torch.nn.ReLU
        layers = {key: value for key, value in stem.items() if key != "act_layer"}
        backbone = ConvStem(depth=len(stem["channels"]), act_layer=act_layer, **layers)
        embed = functools.partial(HybridEmbed, backbone=backbone, proj=False)
        model = VisionTransformer(num_classes=5, embed_layer=embed, **dict(arguments, patch_size=1)).eval()
        randomize(model)
        for key, statistic in model.named_buffers():
            if key.endswith("running_mean"):
                statistic.normal_(std=0.5)
            elif key.endswith("running_var"):
                statistic.uniform_(0.3, 2)
        height, width = model.patch_embed.img_size
        del arguments["patch_size"]
        write(HERE / name, "vit_tiny_patch16_224", dict(arguments, conv_stem=stem), model, make_images(3, height, width))


if __name__ == "__main__":
    main()
