"""Makes the fixtures of finding faces with BlazeFace: letterbox, network, anchors, weighted suppression.

    python test/parity/face_detection/generate.py BLAZEFACE

BLAZEFACE is a folder with blazefaceback.pth and anchorsback.npy of github.com/hollance/BlazeFace-PyTorch. detections.json
has the faces of the pictures in test/data/samples, and of a montage of six of them, in pixels of each picture.
`small` are those of ../blazeface/small.safetensors with the heads' weights and biases times CALMED: random ones say that there
are huge faces everywhere, with scores that are all one.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARITY = HERE.parent
sys.path.insert(0, str(PARITY / "graph_model"))
sys.path.insert(0, str(PARITY / "blazeface"))
import numpy as np  # noqa: E402
import torch  # noqa: E402
from generate import images, network  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

SIZE = 256
SAMPLES = sorted((PARITY.parent / "data" / "samples").glob("*.jpg"))
MONTAGE = 3  # columns
TILE = 300
CALMED = {"classifier": 2**-25, "regressor": 2**-20}  # of two, so that nothing is rounded
SMALL_SCORE = 0.75


def calmed(weights):
    return {key: value * CALMED.get(key.split("_")[0], 1) for key, value in weights.items()}


def letterbox(image):
    """[3,256,256] from -1 to 1, and what takes a point of the square (0 to 1) to the picture."""
    scale = SIZE / max(image.size)
    width, height = (max(1, int(side * scale + 0.5)) for side in image.size)
    left, top = (SIZE - width) // 2, (SIZE - height) // 2
    square = Image.new("RGB", (SIZE, SIZE))
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    pixels = torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1) / 127.5 - 1

    def to_image(x, y):
        return (x * SIZE - left) * image.width / width, (y * SIZE - top) * image.height / height

    return pixels, to_image


def decode(values, anchors):
    """[896,16] -> [896,16]: left, top, right, bottom, six points; all in sides of the square."""
    values = values / SIZE
    center = values[:, :2] + anchors[:, :2]
    half = values[:, 2:4] / 2
    points = values[:, 4:].reshape(-1, 6, 2) + anchors[:, None, :2]
    return torch.cat([center - half, center + half, points.reshape(-1, 12)], 1)


def overlaps(box, boxes):
    low, high = torch.maximum(box[:2], boxes[:, :2]), torch.minimum(box[2:4], boxes[:, 2:4])
    common = (high - low).clamp(min=0).prod(1)
    area = lambda b: (b[..., 2:4] - b[..., :2]).prod(-1)  # noqa: E731
    return common / (area(box) + area(boxes) - common)


def suppress(scores, rows, max_overlap=0.3):
    """Weighted: what overlaps the best becomes one face with it."""
    order = scores.argsort(descending=True, stable=True)
    faces = []
    while len(order):
        group = overlaps(rows[order[0]], rows[order]) > max_overlap
        group[0] = True
        weights = scores[order[group]]
        mean = (rows[order[group]] * weights[:, None]).sum(0) / weights.sum()
        faces.append([weights[0].item(), *mean.tolist()])
        order = order[~group]
    return faces


def find(weights, batch, anchors, threshold):
    with torch.inference_mode():
        c8, c16, r8, r16 = network(weights, batch)
    scores = torch.cat([c8, c16], 1)[..., 0].sigmoid()
    values = torch.cat([r8, r16], 1)
    result = []
    for score, value in zip(scores, values):
        chosen = score >= threshold
        result.append(suppress(score[chosen], decode(value, anchors)[chosen]))
    return result


def montage():
    sheet = Image.new("RGB", (MONTAGE * TILE, 2 * TILE))
    for i, path in enumerate(SAMPLES[:6]):
        tile = Image.open(path).convert("RGB").resize((TILE, TILE), Image.Resampling.BICUBIC)
        sheet.paste(tile, (i % MONTAGE * TILE, i // MONTAGE * TILE))
    return sheet


def in_pixels(face, to_image):
    score, *places = face
    return [score, *(v for i in range(0, len(places), 2) for v in to_image(places[i], places[i + 1]))]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    weights = torch.load(folder / "blazefaceback.pth", weights_only=True)
    anchors = torch.from_numpy(np.load(folder / "anchorsback.npy"))
    pictures = {path.name: Image.open(path).convert("RGB") for path in SAMPLES} | {"montage": montage()}
    found = {}
    for name, picture in pictures.items():
        pixels, to_image = letterbox(picture)
        found[name] = [in_pixels(face, to_image) for face in find(weights, pixels[None], anchors, 0.5)[0]]
        print(name, len(found[name]))
    small = find(calmed(load_file(PARITY / "blazeface" / "small.safetensors")), images(SIZE, 3, 2 / 255, 1), anchors, SMALL_SCORE)
    print("small", [len(faces) for faces in small])
    rounded = json.loads(json.dumps({"pictures": found, "small": small}), parse_float=lambda text: float(f"{float(text):.7g}"))
    (HERE / "detections.json").write_text(json.dumps(rounded) + "\n")


if __name__ == "__main__":
    main()
