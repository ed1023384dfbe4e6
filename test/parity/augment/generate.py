"""Writes expected.json: what torchvision's functional transforms make of one uint8 picture. Run: python generate.py"""
import base64
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402,F401  (defines operators that torchvision expects)
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402
from torchvision.transforms.v2 import functional as F  # noqa: E402

WIDTH, HEIGHT = 23, 18


def main():
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    picture[:3] = picture[:3, :, :1]  # grey rows: hue and saturation have nothing to turn
    picture[3, :12] = 0
    picture[3, 12:] = 255
    tensor = torch.from_numpy(picture).permute(2, 0, 1)
    cases = [({"op": "flip"}, F.horizontal_flip(tensor))]
    for factor in (0.0, 0.37, 0.8, 1.0, 1.9):
        cases.append(({"op": "brightness", "factor": factor}, F.adjust_brightness(tensor, factor)))
        cases.append(({"op": "contrast", "factor": factor}, F.adjust_contrast(tensor, factor)))
        cases.append(({"op": "saturation", "factor": factor}, F.adjust_saturation(tensor, factor)))
    for factor in (-0.5, -0.21, 0.0, 0.03, 0.4):
        cases.append(({"op": "hue", "factor": factor}, F.adjust_hue(tensor, factor)))
    for size, sigma in ((3, 0.5), (7, 1.1), (13, 2.4)):
        blurred = F.gaussian_blur(tensor, [size, size], [sigma, sigma])
        cases.append(({"op": "blur", "kernelSize": size, "sigma": sigma}, blurred))
    encode = lambda array: base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()  # noqa: E731
    expected = {
        "torchvision": torchvision.__version__,
        "width": WIDTH,
        "height": HEIGHT,
        "picture": encode(picture),
        "cases": [{"step": step, "pixels": encode(result.permute(1, 2, 0).numpy())} for step, result in cases],
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
