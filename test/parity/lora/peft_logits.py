"""Logits of a timm folder with an adapter folder, by timm and PEFT, as JSON on standard output.

    python test/parity/lora/peft_logits.py BASE ADAPTER IMAGES.safetensors
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


def main():
    base, adapter, images = map(Path, sys.argv[1:4])
    config = json.loads((base / "config.json").read_text())
    model = timm.create_model(config["architecture"], num_classes=config["num_classes"], **config["model_args"])
    model.load_state_dict(load_file(base / "model.safetensors"))
    model = PeftModel.from_pretrained(model, adapter).eval()
    pixels = (load_file(images)["images"].permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    with torch.inference_mode():
        print(json.dumps(model(pixels).flatten().tolist()))


if __name__ == "__main__":
    main()
