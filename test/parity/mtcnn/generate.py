"""Makes the fixtures of MTCNN: the faces that the cascade finds, in pixels.

    python test/parity/mtcnn/generate.py MTCNN

MTCNN is a folder with pnet.pt, rnet.pt and onet.pt of facenet-pytorch. The cascade below is written from its
description (models/utils/detect_face.py there): same order of steps, same rounding. detections.json has, for each picture
in test/data/samples and for a sheet of six of them, score, left, top, right, bottom and five points of each face.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from PIL import Image  # noqa: E402

SAMPLES = sorted((HERE.parents[1] / "data" / "samples").glob("*.jpg"))
MIN_FACE, FACTOR, THRESHOLDS = 40, 0.709, (0.6, 0.7, 0.7)
TILE, COLUMNS = 200, 3


def layer(w, name, x, pool=0):
    x = F.prelu(F.conv2d(x, w[f"conv{name}.weight"], w[f"conv{name}.bias"]), w[f"prelu{name}.weight"])
    return F.max_pool2d(x, pool, 2, ceil_mode=True) if pool else x


def propose(w, x):
    x = layer(w, 3, layer(w, 2, layer(w, 1, x, 2)))
    head = lambda name: F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"])  # noqa: E731
    return head("conv4_1").softmax(1)[0, 1], head("conv4_2")[0]


def refine(w, x):
    output = "conv4.weight" in w
    pools = (3, 3, 2, 0) if output else (3, 3, 0)
    for i, pool in enumerate(pools, 1):
        x = layer(w, i, x, pool)
    dense, heads = len(pools) + 1, len(pools) + 2
    linear = lambda name, x: F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])  # noqa: E731
    x = F.prelu(linear(f"dense{dense}", x.permute(0, 3, 2, 1).flatten(1)), w[f"prelu{dense}.weight"])
    points = linear(f"dense{heads}_3", x) if output else None
    return linear(f"dense{heads}_1", x).softmax(1)[:, 1], linear(f"dense{heads}_2", x), points


def best(boxes, scores, limit, smaller=False):
    """Indices that are left, the best first."""
    one = 1 if smaller else 0
    area = (boxes[:, 2] - boxes[:, 0] + one) * (boxes[:, 3] - boxes[:, 1] + one)
    order, kept = scores.argsort(descending=True, stable=True), []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(first.item())
        low, high = torch.maximum(boxes[first, :2], boxes[rest, :2]), torch.minimum(boxes[first, 2:], boxes[rest, 2:])
        common = (high - low + one).clamp(min=0).prod(1)
        whole = torch.minimum(area[first], area[rest]) if smaller else area[first] + area[rest] - common
        order = rest[common / whole <= limit]
    return kept


def moved(boxes, offsets, one):
    width, height = boxes[:, 2] - boxes[:, 0] + one, boxes[:, 3] - boxes[:, 1] + one
    return boxes + offsets * torch.stack([width, height, width, height], 1)


def squares(boxes):
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(1, keepdim=True).values
    corner = boxes[:, :2] + size * 0.5 - side * 0.5
    return torch.cat([corner, corner + side], 1)


def crops(image, boxes, size):
    """Crops and the indices of their boxes; boxes count pixels from 1."""
    found, indices = [], []
    for i, (x, y, ex, ey) in enumerate(boxes.trunc().int().tolist()):
        x, y, ex, ey = max(x, 1), max(y, 1), min(ex, image.shape[3]), min(ey, image.shape[2])
        if ey > y - 1 and ex > x - 1:
            found.append(F.interpolate(image[:, :, y - 1 : ey, x - 1 : ex], (size, size), mode="area"))
            indices.append(i)
    return (torch.cat(found) - 127.5) * 0.0078125, indices


def proposals(w, image):
    height, width = image.shape[2:]
    scale, all_boxes, all_scores = 12 / MIN_FACE, [], []
    side = min(height, width) * scale
    while side >= 12:
        reduced = F.interpolate(image, (int(height * scale + 1), int(width * scale + 1)), mode="area")
        scores, offsets = propose(w, (reduced - 127.5) * 0.0078125)
        y, x = (scores >= THRESHOLDS[0]).nonzero(as_tuple=True)
        cells = torch.stack([x, y], 1).float()
        boxes = torch.cat([((2 * cells + 1) / scale).floor(), ((2 * cells + 12) / scale).floor()], 1)
        kept = best(boxes, scores[y, x], 0.5)
        all_boxes.append(torch.cat([boxes, offsets[:, y, x].T], 1)[kept])
        all_scores.append(scores[y, x][kept])
        scale, side = scale * FACTOR, side * FACTOR
    rows, scores = torch.cat(all_boxes), torch.cat(all_scores)
    rows = rows[best(rows[:, :4], scores, 0.7)]
    return squares(moved(rows[:, :4], rows[:, 4:], 0))


@torch.inference_mode()
def faces(nets, image):
    """image: [1,3,H,W], 0 to 255."""
    boxes = proposals(nets["pnet"], image)
    batch, indices = crops(image, boxes, 24)
    scores, offsets, _ = refine(nets["rnet"], batch)
    passed = scores > THRESHOLDS[1]
    boxes, scores, offsets = boxes[indices][passed], scores[passed], offsets[passed]
    kept = best(boxes, scores, 0.7)
    boxes = squares(moved(boxes[kept], offsets[kept], 1))
    batch, indices = crops(image, boxes, 48)
    scores, offsets, points = refine(nets["onet"], batch)
    passed = scores > THRESHOLDS[2]
    boxes, scores, offsets, points = boxes[indices][passed], scores[passed], offsets[passed], points[passed]
    size = boxes[:, 2:] - boxes[:, :2] + 1
    points = torch.stack([points[:, :5] * size[:, :1] + boxes[:, :1] - 1, points[:, 5:] * size[:, 1:] + boxes[:, 1:2] - 1], 2)
    boxes = moved(boxes, offsets, 1)
    kept = best(boxes, scores, 0.7, smaller=True)
    return torch.cat([scores[:, None], boxes, points.flatten(1)], 1)[kept].tolist()


def sheet():
    picture = Image.new("RGB", (COLUMNS * TILE, 2 * TILE))
    for i, path in enumerate(SAMPLES[:6]):
        tile = Image.open(path).convert("RGB").resize((TILE, TILE), Image.Resampling.BICUBIC)
        picture.paste(tile, (i % COLUMNS * TILE, i // COLUMNS * TILE))
    return picture


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    nets = {n: torch.load(Path(sys.argv[1]) / f"{n}.pt", weights_only=True) for n in ("pnet", "rnet", "onet")}
    pictures = {path.name: Image.open(path).convert("RGB") for path in SAMPLES} | {"montage": sheet()}
    found = {}
    for name, picture in pictures.items():
        pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float()
        found[name] = faces(nets, pixels)
        print(name, len(found[name]))
    rounded = json.loads(json.dumps({"minFace": MIN_FACE, "pictures": found}), parse_float=lambda text: float(f"{float(text):.7g}"))
    (HERE / "detections.json").write_text(json.dumps(rounded) + "\n")


if __name__ == "__main__":
    main()
