"""Writes expected.json: SHA-256 of the 8-bit crops that timm's evaluation transform makes of real photos.
The photos are those of test/data/samples and, where the data folder is there, some faces of it.
Run: python generate.py"""
import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402,F401  (defines operators that torchvision expects)
import PIL  # noqa: E402
import timm  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from timm.data.transforms_factory import transforms_imagenet_eval  # noqa: E402

ROOT = HERE.parents[2]
MEAN = (0.5, 0.45, 0.4)
CONFIGS = [
    {"inputSize": [3, 224, 224], "interpolation": "bicubic", "cropPct": 0.9, "cropMode": "center"},
    {"inputSize": [3, 384, 384], "interpolation": "bicubic", "cropPct": 1.0, "cropMode": "center"},
    {"inputSize": [3, 224, 224], "interpolation": "bilinear", "cropPct": 0.875, "cropMode": "squash"},
    {"inputSize": [3, 96, 128], "interpolation": "bicubic", "cropPct": 0.95, "cropMode": "center"},
    {"inputSize": [3, 224, 224], "interpolation": "lanczos", "cropPct": 0.9, "cropMode": "border"},
    {"inputSize": [3, 61, 61], "interpolation": "nearest", "cropPct": 0.77, "cropMode": "center"},
]
FACES = [
    "test/real/ffhq_*.jpg",
    "extra/real/*_0*.jpg",
    "cross-diffusion/*/*_00*.jpg",
]
PER_PATTERN = 6


def photos():
    for path in sorted((ROOT / "test/data/samples").glob("*.jpg")):
        yield "samples/" + path.name, path
    faces = ROOT.parent / "shared/data/faces256"
    for pattern in FACES:
        paths = sorted(faces.glob(pattern))
        for path in paths[:: max(1, len(paths) // PER_PATTERN)][:PER_PATTERN]:
            yield "faces256/" + str(path.relative_to(faces)), path


def crop_hash(image, config):
    transform = transforms_imagenet_eval(
        img_size=tuple(config["inputSize"][1:]),
        crop_pct=config["cropPct"],
        crop_mode=config["cropMode"],
        interpolation=config["interpolation"],
        mean=MEAN,
        normalize=False,
    )
    pixels = transform(image).permute(1, 2, 0).contiguous().numpy()
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def main():
    expected = {"timm": timm.__version__, "pillow": PIL.__version__, "mean": MEAN, "configs": CONFIGS, "photos": {}}
    for name, path in photos():
        image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        expected["photos"][name] = [crop_hash(image, config) for config in CONFIGS]
    # Sizes that no photo has: smaller than the crop, odd, elongated.
    expected["gradients"] = []
    for width, height in [(100, 90), (31, 200), (200, 31), (225, 223), (1, 7), (640, 37)]:
        gradient = Image.new("RGB", (width, height))
        gradient.putdata([((x * 7) % 256, (y * 5) % 256, (x * y) % 256) for y in range(height) for x in range(width)])
        hashes = [crop_hash(gradient, config) for config in CONFIGS]
        expected["gradients"].append({"size": [width, height], "hashes": hashes})
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
