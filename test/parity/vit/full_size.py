"""A random full-size timm model with its logits and features, for test/slow/vit-full-size.test.ts.

    python test/parity/vit/full_size.py ARCHITECTURE FOLDER
"""
import sys
from pathlib import Path

import torch

import generate  # the module beside this one
import timm


def main():
    architecture, folder = sys.argv[1], Path(sys.argv[2])
    torch.manual_seed(20260105)
    model = timm.create_model(architecture, num_classes=1000).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float(name.endswith("weight")), std=0.1)
    generate.write(folder, architecture, {}, model, generate.make_images(2, *model.patch_embed.img_size))


if __name__ == "__main__":
    main()
