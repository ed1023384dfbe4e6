"""A random UNet of the size of Stable Diffusion 1.5 with its output, for test/slow/unet-full-size.test.ts.

    python test/parity/unet/full_size.py FOLDER
"""
import sys
from pathlib import Path

import torch

import generate  # the module beside this one
from diffusers import UNet2DConditionModel


def main():
    torch.manual_seed(20260302)
    # The defaults of the class are those of Stable Diffusion 1.5, but for the width of the text.
    model = UNet2DConditionModel(sample_size=64, cross_attention_dim=768).eval()
    generate.randomize(model)
    inputs = generate.inputs_of(model, count=2, height=64, width=64, tokens=77)
    generate.write(Path(sys.argv[1]), model, inputs, torch.float16, timesteps=[500])


if __name__ == "__main__":
    main()
