"""Logits of a timm folder with each of some adapter folders, by timm and PEFT, as JSON on standard output.

    python test/parity/lora/peft_logits.py BASE IMAGES.safetensors ADAPTER...
"""
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import reference_ops  # noqa: E402, F401
import timm  # noqa: E402
from peft import PeftModel  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def logits_of(base, adapter, images):
    config = json.loads((base / "config.json").read_text())
    model = timm.create_model(config["architecture"], num_classes=config["num_classes"], **config["model_args"])
    model.load_state_dict(load_file(base / "model.safetensors"))
    model = PeftModel.from_pretrained(model, adapter).eval()
    with torch.inference_mode():
        return model((images.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5).flatten().tolist()


def main():
    base, images, *adapters = map(Path, sys.argv[1:])
    images = load_file(images)["images"]
    print(json.dumps([logits_of(base, adapter, images) for adapter in adapters]))


if __name__ == "__main__":
    main()
