"""Writes DeepFace's networks of race and emotion at full size with random weights, and what Keras says of a picture.

    python full_size.py FOLDER

race_model_single_batch.h5 (540 MB), facial_expression_model_weights.h5, full-size.json: probabilities by attribute.
"""

import json
import sys
from pathlib import Path

import networks
import numpy as np

SIZE = 224


def grey(pixels):
    """[1,224,224,1] reduced to 48 by bilinear interpolation between the middles of pixels."""
    places = (np.arange(48) + 0.5) * (SIZE / 48) - 0.5
    below = np.floor(places).astype(int)
    share = (places - below).astype(np.float32)
    rows = pixels[:, below] * (1 - share)[:, None, None] + pixels[:, below + 1] * share[:, None, None]
    return rows[:, :, below] * (1 - share)[:, None] + rows[:, :, below + 1] * share[:, None]


def main():
    folder = Path(sys.argv[1])
    bgr = (networks.picture(SIZE, SIZE)[None, :, :, ::-1] / 255).astype(np.float32)
    race = networks.randomize(networks.vgg_face(**networks.FULL_VGG, classes=6, first=1), 3)
    networks.save_like_keras_2(race, folder / "race_model_single_batch.h5")
    expected = {"race": race(bgr, training=False).numpy()[0].tolist()}
    del race
    emotion = networks.randomize(networks.emotion(**networks.FULL_EMOTION), 4)
    networks.save_like_keras_2(emotion, folder / f"{networks.EMOTION_FILE}.h5")
    shades = (bgr @ np.array([0.114, 0.587, 0.299], dtype=np.float32))[..., None]
    expected["emotion"] = emotion(grey(shades), training=False).numpy()[0].tolist()
    (folder / "full-size.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
