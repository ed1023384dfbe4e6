"""Makes the fixtures of safety_checker.test.ts: a small random StableDiffusionSafetyChecker of diffusers.

    PYTHONPATH=<diffusers>/src python test/parity/safety_checker/generate.py

config.json and model.safetensors (fp16, computed in fp32) are a safety_checker folder, preprocessor_config.json is its
feature extractor. expected.safetensors: images of two sizes, the 8-bit crops that transformers' CLIPImageProcessor (the
Pillow one) makes of them, embeddings, scores and flags. Thresholds lie amid the scores, so that some images are flagged,
some only because a special care was found, and some not.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from diffusers.pipelines.stable_diffusion.safety_checker import (  # noqa: E402
    StableDiffusionSafetyChecker,
    cosine_distance,
)
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPConfig  # noqa: E402
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil  # noqa: E402

SIZE = 32
SHARED = dict(intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, hidden_act="quick_gelu")
VISION = dict(SHARED, hidden_size=32, image_size=SIZE, patch_size=8, num_channels=3, layer_norm_eps=1e-5)
PREPROCESSOR = {
    "crop_size": SIZE,
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": SIZE,
}


def randomize(model):
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=0.5, std=0.3)
        else:
            torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
        parameter.data = parameter.data.half().float()


def make_images():
    """Smooth noise: 6 images of 36 x 44, then 1 of 57 x 41 pixels."""
    images = []
    for count, height, width in ((6, 36, 44), (1, 57, 41)):
        small = np.random.default_rng(7 + height).integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
        images.append([Image.fromarray(item).resize((width, height), Image.BICUBIC) for item in small])
    return images


def preprocess(images):
    common = dict(size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE})
    crops = CLIPImageProcessorPil(**common, do_normalize=False, do_rescale=False)(images, return_tensors="pt")
    pixels = CLIPImageProcessorPil(**common)(images, return_tensors="pt")
    return crops.pixel_values.permute(0, 2, 3, 1).to(torch.uint8), pixels.pixel_values


def place_thresholds(model, pixels):
    """Flags some images at once and one more through a special care, with a margin around every threshold."""
    with torch.inference_mode():
        embeds = model.visual_projection(model.vision_model(pixels)[1])
        concepts = cosine_distance(embeds, model.concept_embeds)
        special = cosine_distance(embeds, model.special_care_embeds)
    model.concept_embeds_weights.data = (concepts.max(0).values + 0.02).half().float()
    model.special_care_embeds_weights.data = (special.max(0).values + 0.02).half().float()
    model.concept_embeds_weights.data[0] = (concepts[:, 0].max() - 0.02).half().float()
    # One image is under concept 1's threshold by less than the adjustment, and has a special care.
    nearest = concepts[:, 1].argmax()
    model.concept_embeds_weights.data[1] = (concepts[nearest, 1] + 0.005).half().float()
    model.special_care_embeds_weights.data[0] = (special[nearest, 0] - 0.03).half().float()


def scores(model, pixels, images):
    results = {}
    with torch.inference_mode():
        embeds = model.visual_projection(model.vision_model(pixels)[1])
        special = cosine_distance(embeds, model.special_care_embeds) - model.special_care_embeds_weights
        concepts = cosine_distance(embeds, model.concept_embeds) - model.concept_embeds_weights
        blanked, flags = model(clip_input=pixels, images=[image.numpy() for image in images])
    assert all((item == 0).all() == flag for item, flag in zip(blanked, flags))
    results |= {
        "embeds": embeds,
        "special_raw": special,
        "concepts_raw": concepts,
        "flags": torch.tensor(flags).to(torch.uint8),
    }
    return results


def main():
    torch.manual_seed(20260202)
    config = CLIPConfig(text_config=dict(SHARED, hidden_size=32), vision_config=dict(VISION), projection_dim=24)
    model = StableDiffusionSafetyChecker(config).eval()
    randomize(model)
    wide, tall = make_images()
    crops, pixels = preprocess(wide)
    tall_crops, _ = preprocess(tall)
    place_thresholds(model, pixels)
    expected = {
        "wide": torch.from_numpy(np.stack([np.asarray(image) for image in wide])),
        "tall": torch.from_numpy(np.stack([np.asarray(image) for image in tall])),
        "wide_crops": crops,
        "tall_crops": tall_crops,
        **scores(model, pixels, crops),
    }
    print({"flags": expected["flags"].tolist(), "without special care": (expected["concepts_raw"] > 0).any(1).tolist()})
    prefix = "vision_model."  # as in the published checkpoint, which older versions of transformers wrote
    weights = {
        (prefix + key if key.startswith(prefix) else key): value.half() for key, value in model.state_dict().items()
    }
    weights["vision_model.vision_model.embeddings.position_ids"] = torch.arange(17)[None]
    written = {"architectures": ["StableDiffusionSafetyChecker"], "model_type": "clip", "projection_dim": 24}
    written["vision_config"] = dict(VISION)
    (HERE / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    (HERE / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    save_file(weights, HERE / "model.safetensors")
    save_file({key: value.contiguous() for key, value in expected.items()}, HERE / "expected.safetensors")


if __name__ == "__main__":
    main()
