"""Makes the fixtures of DeepFace's networks.

    python generate.py DEEPFACE

DEEPFACE is a checkout of github.com/serengil/deepface (made with version 0.0.101), whose `analyze` reads the pictures
with narrow networks in the place of its own. Needs tensorflow, keras, h5py, opencv; what else deepface imports may be missing.

*.h5            narrow networks with random weights and DeepFace's names of layers
expected.json   for each picture its size, and what analyze says of it as one face
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
import tempfile
from pathlib import Path
from unittest.mock import MagicMock

HERE = Path(__file__).resolve().parent
SIZES = [(224, 224), (120, 90), (301, 410), (37, 64), (500, 23)]
CLIENTS = {"age": "Age", "gender": "Gender", "race": "Race", "emotion": "Emotion"}


class Unneeded(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Packages that deepface imports and analyze does not use."""

    NAMES = {"gdown", "lightphe", "lightdsa", "retinaface", "mtcnn", "fire", "flask", "flask_cors", "requests", "pandas", "werkzeug"}

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in self.NAMES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock()
        module.__path__, module.__name__, module.__spec__ = [], spec.name, spec
        return module

    def exec_module(self, module):
        module.FileStorage = type("FileStorage", (), {})


def analyze_with(models, pictures):
    """DeepFace's result for RGB pictures that are one face each."""
    from deepface.modules import demography

    for attribute, model in models.items():
        module = importlib.import_module(f"deepface.models.demography.{CLIENTS[attribute]}")
        module.load_model = lambda model=model: model
    results = []
    for picture in pictures:
        [result] = demography.analyze(picture[:, :, ::-1], actions=list(models), detector_backend="skip", silent=True)
        results.append({key: value for key, value in result.items() if key not in ("region", "face_confidence")})
    return results


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.path[:0] = [str(HERE), sys.argv[1]]
    sys.meta_path.insert(0, Unneeded())
    os.environ["DEEPFACE_HOME"] = tempfile.mkdtemp()
    import networks

    models = networks.small_networks()
    for name, model in models.items():
        if name == "emotion":
            networks.save(model, HERE / f"{networks.EMOTION_FILE}.h5")
        else:
            networks.save_like_keras_2(model, HERE / f"{networks.VGG_FILES[name][0]}.h5")
    results = analyze_with(models, [networks.picture(*size) for size in SIZES])
    plain = json.loads(json.dumps(results, default=float))
    rows = [{"width": width, "height": height, "result": result} for (width, height), result in zip(SIZES, plain)]
    (HERE / "expected.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
