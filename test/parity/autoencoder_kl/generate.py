"""Makes the fixtures of autoencoder_kl.test.ts: small random autoencoders of diffusers with what they encode and decode.

    python test/parity/autoencoder_kl/generate.py

Each case becomes a diffusers folder (config.json, diffusion_pytorch_model.safetensors) with expected.safetensors: pixels,
latents, moments and image, and moments.tiled and image.tiled where the images are larger than a tile. Weights are values of
fp16, so that the files are small.
"""
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from diffusers import AutoencoderKL  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

SMALL = dict(
    block_out_channels=[8, 16],
    layers_per_block=1,
    down_block_types=["DownEncoderBlock2D"] * 2,
    up_block_types=["UpDecoderBlock2D"] * 2,
    norm_num_groups=4,
    sample_size=16,
)
CASES = {
    "plain": (SMALL, (26, 36)),
    # The names that attention had before diffusers 0.17.
    "old-names": (dict(SMALL, block_out_channels=[8, 8], latent_channels=3), (16, 16)),
    "no-quant": (
        dict(
            SMALL,
            block_out_channels=[4, 4, 8],
            down_block_types=["DownEncoderBlock2D"] * 3,
            up_block_types=["UpDecoderBlock2D"] * 3,
            layers_per_block=2,
            use_quant_conv=False,
            use_post_quant_conv=False,
            mid_block_add_attention=False,
            act_fn="gelu",
        ),
        (40, 20),
    ),
}
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def randomize(model):
    """Weights that keep activations near 1, as fp16 holds them."""
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float(name.endswith("weight")), std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
        parameter.data = parameter.data.half().float()


def old_name(name):
    for new, old in OLD_NAMES.items():
        name = name.replace(f".{new}.", f".{old}.")
    return name


def code(model, pixels, latents, suffix):
    with torch.inference_mode():
        moments = model.encode(pixels).latent_dist.parameters
        return {f"moments{suffix}": moments, f"image{suffix}": model.decode(latents).sample}


def write(folder, model, height, width, rename=lambda name: name):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"_class_name": "AutoencoderKL", **{k: v for k, v in model.config.items() if not k.startswith("_")}}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {rename(name): value.half().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "diffusion_pytorch_model.safetensors")
    scale = 2 ** (len(model.config.block_out_channels) - 1)
    pixels = torch.rand(2, 3, height, width) * 2 - 1
    latents = torch.randn(2, model.config.latent_channels, height // scale, width // scale)
    expected = {"pixels": pixels, "latents": latents, **code(model, pixels, latents, "")}
    if max(height, width) > model.config.sample_size:
        model.enable_tiling()
        expected.update(code(model, pixels, latents, ".tiled"))
    save_file({name: value.contiguous() for name, value in expected.items()}, folder / "expected.safetensors")


def main():
    torch.manual_seed(20260303)
    for name, (arguments, size) in CASES.items():
        model = AutoencoderKL(**arguments).eval()
        randomize(model)
        write(HERE / name, model, *size, rename=old_name if name == "old-names" else lambda name: name)


if __name__ == "__main__":
    main()
