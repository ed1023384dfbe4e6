"""Writes expected.json: what Pillow's Image.resize makes of pictures that resample.test.ts makes again from the same
formula. Small results are kept in full, so that a mistake can be seen; all have a SHA-256. Run: python generate.py"""
import base64
import hashlib
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
# source width, height, channels; result width, height; box or None
CASES = [
    (64, 48, 3, 31, 23, None),
    (64, 48, 3, 100, 77, None),
    (64, 48, 1, 40, 90, None),
    (64, 48, 1, 7, 5, None),
    (50, 40, 3, 50, 13, None),
    (50, 40, 3, 13, 40, None),
    (50, 40, 3, 50, 40, None),
    (33, 21, 3, 24, 24, [3.3, 2.7, 30.1, 19.9]),
    (33, 21, 1, 66, 24, [0.5, 0, 17.25, 21]),
    (1, 1, 3, 9, 4, None),
    (1, 200, 3, 5, 30, None),
    (200, 1, 1, 30, 3, None),
    (257, 311, 3, 224, 271, None),
    (700, 500, 3, 24, 17, None),
]


def picture(width, height, channels):
    """A hash of the position: full range, no structure, the same in every language."""
    index = np.arange(width * height * channels, dtype=np.uint64)
    mixed = (index * 2654435761) % (1 << 32)
    mixed ^= mixed >> np.uint64(15)
    values = ((mixed * 2246822519) % (1 << 32)) >> np.uint64(24)
    # Every third block is saturated, where overshoot must be clipped.
    values = np.where((index // 96) % 3 == 0, np.where(values > 127, 255, 0), values)
    shape = (height, width, 3) if channels == 3 else (height, width)
    return values.astype(np.uint8).reshape(shape)


def main():
    cases = []
    for width, height, channels, new_width, new_height, box in CASES:
        source = Image.fromarray(picture(width, height, channels))
        for name, filter in FILTERS.items():
            pixels = np.asarray(source.resize((new_width, new_height), filter, box=box)).tobytes()
            cases.append({
                "source": [width, height, channels],
                "size": [new_width, new_height],
                "box": box,
                "filter": name,
                "sha256": hashlib.sha256(pixels).hexdigest(),
                "pixels": base64.b64encode(pixels).decode() if len(pixels) < 400 else None,
            })
    target = pathlib.Path(__file__).parent / "expected.json"
    target.write_text(json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1) + "\n")


main()
