"""A random UNet of full size with its output, for test/slow/unet-full-size.test.ts.

    python test/parity/unet/full_size.py sd15|sd21 FOLDER
"""
import sys
from pathlib import Path

import torch

import generate  # the module beside this one
from diffusers import UNet2DConditionModel

# What differs from the defaults of the class, which are nearly those of Stable Diffusion 1.5.
CASES = {
    "sd15": dict(sample_size=64, cross_attention_dim=768),
    "sd21": dict(
        sample_size=96, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True
    ),
}


def main():
    name, folder = sys.argv[1:]
    torch.manual_seed(20260302)
    model = UNet2DConditionModel(**CASES[name]).eval()
    generate.randomize(model)
    inputs = generate.inputs_of(model, count=2, height=64, width=64, tokens=77)
    generate.write(Path(folder), model, inputs, torch.float16, timesteps=[500])


if __name__ == "__main__":
    main()
