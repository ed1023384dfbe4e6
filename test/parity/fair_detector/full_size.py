"""The authors' detector at full size with random weights, for test/slow/xception-full-size.test.ts.

    python test/parity/fair_detector/full_size.py CHECKOUT FOLDER

Writes model.pth as the authors save it, and expected.safetensors: images and the logits of every head, in evaluation.
"""

import sys
from pathlib import Path

import torch
from reference import authors_detector, outputs_of, take_statistics  # the module beside this one
from narrow import randomize  # noqa: I001  put on the path by reference
from safetensors.torch import save_file


def main():
    folder = Path(sys.argv[2])
    generator = torch.Generator().manual_seed(20261126)
    images = torch.randint(0, 256, (2, 3, 256, 256), dtype=torch.uint8, generator=generator)
    detector = randomize(authors_detector(sys.argv[1]), generator)
    take_statistics(detector, images, generator)
    torch.save(detector.state_dict(), folder / "model.pth")
    with torch.no_grad():
        outputs = outputs_of(detector.eval(), images.float() / 127.5 - 1)
    expected = {name: value.contiguous() for name, value in outputs.items()}
    save_file({"images": images} | expected, folder / "expected.safetensors")


if __name__ == "__main__":
    main()
