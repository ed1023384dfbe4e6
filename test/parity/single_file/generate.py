"""Makes the fixtures of single_file.test.ts: tiny random Stable Diffusion networks in one file, with the original names.

    PYTHONPATH=<diffusers>/src python test/parity/single_file/generate.py

model.safetensors is the file; expected.json holds the diffusers configs and, for each network, the shape and the SHA-256
of every tensor under diffusers' name. That the renaming below is right is checked with diffusers' own converters.
sd1-names.json has the original names of the model of the parity tests of text-to-image, network by network.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from diffusers import AutoencoderKL, UNet2DConditionModel  # noqa: E402
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint  # noqa: E402
from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel  # noqa: E402

TEXT = dict(
    vocab_size=20,
    hidden_size=8,
    intermediate_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=8,
    hidden_act="quick_gelu",
    layer_norm_eps=1e-5,
    bos_token_id=0,
    eos_token_id=2,
    pad_token_id=1,
)
# The levels of Stable Diffusion 1.x: attention in all but the last.
UNET = dict(
    sample_size=8,
    in_channels=4,
    out_channels=4,
    cross_attention_dim=8,
    norm_num_groups=4,
    attention_head_dim=2,
    block_out_channels=[4, 8],
    layers_per_block=2,
    down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
    up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
)
VAE = dict(
    in_channels=3,
    out_channels=3,
    latent_channels=4,
    norm_num_groups=4,
    sample_size=16,
    block_out_channels=[4, 8],
    layers_per_block=2,
    down_block_types=["DownEncoderBlock2D"] * 2,
    up_block_types=["UpDecoderBlock2D"] * 2,
)

RESNET = [
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
]


def unet_original(name, config):
    """The name of a UNet tensor in the original code."""
    layers = config["layers_per_block"]
    attention_up = ["CrossAttn" in kind for kind in config["up_block_types"]]
    fixed = [
        ("time_embedding.linear_1.", "time_embed.0."),
        ("time_embedding.linear_2.", "time_embed.2."),
        ("conv_in.", "input_blocks.0.0."),
        ("conv_norm_out.", "out.0."),
        ("conv_out.", "out.2."),
        ("mid_block.resnets.0.", "middle_block.0."),
        ("mid_block.attentions.0.", "middle_block.1."),
        ("mid_block.resnets.1.", "middle_block.2."),
    ]

    def down(match):
        block, kind, layer = int(match[1]), match[2], int(match[3])
        if kind == "downsamplers":
            return f"input_blocks.{(block + 1) * (layers + 1)}.0.op."
        return f"input_blocks.{1 + block * (layers + 1) + layer}.{0 if kind == 'resnets' else 1}."

    def up(match):
        block, kind, layer = int(match[1]), match[2], int(match[3])
        if kind == "upsamplers":
            return f"output_blocks.{(block + 1) * (layers + 1) - 1}.{2 if attention_up[block] else 1}.conv."
        return f"output_blocks.{block * (layers + 1) + layer}.{0 if kind == 'resnets' else 1}."

    resnet = "resnets." in name
    for diffusers, original in fixed:
        if name.startswith(diffusers):
            name = original + name.removeprefix(diffusers)
    name = re.sub(r"^down_blocks\.(\d+)\.(\w+)\.(\d+)\.(?:conv\.(?=(?:weight|bias)$))?", down, name)
    name = re.sub(r"^up_blocks\.(\d+)\.(\w+)\.(\d+)\.(?:conv\.(?=(?:weight|bias)$))?", up, name)
    for diffusers, original in RESNET if resnet else []:
        name = name.replace(f".{diffusers}.", f".{original}.")
    return "model.diffusion_model." + name


def vae_original(name, config):
    """The name of a tensor of the autoencoder in the original code."""
    last = len(config["block_out_channels"]) - 1
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0\.", r"down.\1.downsample.", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets\.", lambda m: f"up.{last - int(m[1])}.block.", name)
    name = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0\.", lambda m: f"up.{last - int(m[1])}.upsample.", name)
    name = re.sub(r"mid_block\.resnets\.(\d)\.", lambda m: f"mid.block_{int(m[1]) + 1}.", name)
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    if "mid_block.attentions.0." in name:
        for diffusers, original in (("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
            name = name.replace(f".0.{diffusers}.", f".0.{original}.")
        name = name.replace("group_norm", "norm").replace("mid_block.attentions.0.", "mid.attn_1.")
    return "first_stage_model." + name


def randomize(model):
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter).half()
    return {name: value for name, value in model.state_dict().items()}


def describe(tensors):
    def digest(value):
        return hashlib.sha256(value.contiguous().numpy().tobytes()).hexdigest()[:16]

    return {name: [list(value.shape), digest(value)] for name, value in sorted(tensors.items())}


def write_checkpoint():
    unet = randomize(UNet2DConditionModel(**UNET))
    vae = randomize(AutoencoderKL(**VAE))
    text = randomize(CLIPTextModel(CLIPTextConfig(**TEXT)))
    text = {f"text_model.{name}": value for name, value in text.items()}
    text["text_model.embeddings.position_ids"] = torch.arange(TEXT["max_position_embeddings"])[None]
    file = {unet_original(name, UNET): value for name, value in unet.items()}
    for name, value in vae.items():
        attention = name.endswith("weight") and ".attentions." in name and value.ndim == 2
        file[vae_original(name, VAE)] = value[:, :, None, None] if attention else value
    file |= {f"cond_stage_model.transformer.{name}": value for name, value in text.items()}
    assert len(file) == len(unet) + len(vae) + len(text)
    check(convert_ldm_unet_checkpoint(dict(file), UNET), unet)
    check(convert_ldm_vae_checkpoint(dict(file), VAE), vae)
    # What else such files hold.
    file |= {"betas": torch.zeros(2), "model_ema.decay": torch.tensor(0.5), "model_ema.num_updates": torch.tensor(3)}
    save_file({name: value.contiguous() for name, value in file.items()}, HERE / "model.safetensors")
    configs = {"unet": UNET, "vae": VAE, "text_encoder": TEXT}
    tensors = {"unet": describe(unet), "vae": describe(vae), "text_encoder": describe(text)}
    (HERE / "expected.json").write_text(
        json.dumps({"configs": configs, "tensors": tensors}, separators=(",", ":")) + "\n"
    )


def check(converted, expected):
    assert converted.keys() == expected.keys(), set(converted) ^ set(expected)
    assert all(torch.equal(value.flatten(), expected[name].flatten()) for name, value in converted.items())


def write_names():
    model = HERE.parent / "text_to_image" / "sd1"
    names = {}
    for part, stem, original in (
        ("unet", "diffusion_pytorch_model", unet_original),
        ("vae", "diffusion_pytorch_model", vae_original),
        ("text_encoder", "model", lambda name, _: f"cond_stage_model.transformer.{name}"),
    ):
        config = json.loads((model / part / "config.json").read_text())
        with safe_open(model / part / f"{stem}.safetensors", "pt") as file:
            names[part] = {name: original(name, config) for name in file.keys()}
    (HERE / "sd1-names.json").write_text(json.dumps(names, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    torch.manual_seed(20260204)
    write_checkpoint()
    write_names()
