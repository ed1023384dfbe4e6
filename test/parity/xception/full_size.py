"""timm's legacy_xception at full size with random weights and its logits, for test/slow/xception-full-size.test.ts.

    python test/parity/xception/full_size.py FOLDER
"""

import sys
from pathlib import Path

import torch

import generate  # the module beside this one


def main():
    generator = torch.Generator().manual_seed(20261125)
    model = generate.timm.create_model("legacy_xception", num_classes=2)
    generate.write(Path(sys.argv[1]), model, {}, (2, 299, 299), generator, torch.float32)


if __name__ == "__main__":
    main()
