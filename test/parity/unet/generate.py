"""Makes the fixtures of unet.test.ts: small random UNets of diffusers with their output at three timesteps.

    python test/parity/unet/generate.py

Each case becomes a diffusers folder (config.json, diffusion_pytorch_model.safetensors) with expected.safetensors: latents,
text, timesteps and one output a timestep; with guidance embeddings, timestep_cond too. Weights are values of fp16, so that
the files are small.
"""
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from diffusers import UNet2DConditionModel  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

SD1 = dict(
    sample_size=16,
    block_out_channels=[8, 16],
    layers_per_block=1,
    down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
    up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
    cross_attention_dim=16,
    attention_head_dim=2,
    norm_num_groups=4,
)
CASES = {
    # Stable Diffusion 1.x: one number of heads, convolutions around the transformers.
    "sd1": dict(SD1, layers_per_block=2),
    # Stable Diffusion 2.x: a number of heads for each level, linear layers around the transformers.
    "sd2": dict(SD1, attention_head_dim=[1, 4], use_linear_projection=True, upcast_attention=True),
    # Latent consistency models have a guidance embedding; BK-SDM and its like have no middle block.
    "lcm-no-middle": dict(
        SD1,
        time_cond_proj_dim=8,
        mid_block_type=None,
        down_block_types=["CrossAttnDownBlock2D"] * 2,
        up_block_types=["CrossAttnUpBlock2D"] * 2,
    ),
    # Less common settings of the same classes.
    "variations": dict(
        SD1,
        in_channels=9,
        block_out_channels=[8, 12, 16],
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        up_block_types=["CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"],
        mid_block_type="UNetMidBlock2D",
        mid_block_scale_factor=1.5,
        layers_per_block=[1, 2, 1],
        transformer_layers_per_block=[1, 2, 1],
        only_cross_attention=[False, True, False],
        attention_head_dim=[2, 3, 4],
        resnet_time_scale_shift="scale_shift",
        time_embedding_dim=20,
        center_input_sample=True,
        flip_sin_to_cos=False,
        freq_shift=1,
        downsample_padding=0,
        conv_in_kernel=5,
        conv_out_kernel=1,
        act_fn="gelu",
        norm_eps=1e-4,
    ),
}
TIMESTEPS = [999, 500, 1]


def randomize(model):
    """Weights that keep activations near 1, as fp16 holds them."""
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float(name.endswith("weight")), std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
        parameter.data = parameter.data.half().float()


def inputs_of(model, count, height, width, tokens):
    config = model.config
    inputs = {
        "latents": torch.randn(count, config.in_channels, height, width),
        "text": torch.randn(count, tokens, config.cross_attention_dim),
    }
    if config.time_cond_proj_dim is not None:
        inputs["timestep_cond"] = torch.randn(count, config.time_cond_proj_dim)
    return inputs


def predict(model, inputs, timestep):
    with torch.inference_mode():
        return model(
            inputs["latents"], timestep, inputs["text"], timestep_cond=inputs.get("timestep_cond")
        ).sample.contiguous()


def write(folder, model, inputs, dtype, timesteps=TIMESTEPS):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"_class_name": "UNet2DConditionModel", **{k: v for k, v in model.config.items() if not k.startswith("_")}}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {name: value.to(dtype).contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "diffusion_pytorch_model.safetensors")
    outputs = {f"output.{i}": predict(model, inputs, timestep) for i, timestep in enumerate(timesteps)}
    inputs = {**inputs, "timesteps": torch.tensor(timesteps, dtype=torch.float32)}
    save_file({**inputs, **outputs}, folder / "expected.safetensors")


def main():
    torch.manual_seed(20260301)
    for name, arguments in CASES.items():
        model = UNet2DConditionModel(**arguments).eval()
        randomize(model)
        # An odd height: the way up follows the sizes of the way down.
        write(HERE / name, model, inputs_of(model, 2, 9 if name == "sd2" else 8, 8, 5), torch.float16)


if __name__ == "__main__":
    main()
