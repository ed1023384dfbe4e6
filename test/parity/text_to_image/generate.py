"""Writes the fixtures of text_to_image.test.ts: two tiny Stable Diffusion folders and what diffusers draws with them.

python generate.py, with torch, transformers and diffusers. The folders hold random weights in half precision; both
sides compute in single precision.
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import reference_ops  # noqa: E402,F401
import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffusers import (  # noqa: E402
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from PIL import Image  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PROMPT, NEGATIVE = "a portrait of a smiling woman, 35 mm", "blurry, low quality"
SEEDS = [3, 4]
NOISE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000, steps_offset=1)
MERGES = ["a n", "i n", "o r", "t h", "an d</w>", "th e</w>", "o f</w>", "s m", "i l", "w o", "m an</w>", "wo man</w>"]


def byte_letters():
    """The visible character that stands for each byte in byte-level vocabularies, in their order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


def write_tokenizer(folder):
    os.makedirs(folder)
    letters = byte_letters()
    tokens = letters + [letter + "</w>" for letter in letters]
    merges = [m for m in MERGES]
    for merge in merges:
        tokens += [t for t in (*merge.split(" "), merge.replace(" ", "")) if t not in tokens]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    with open(os.path.join(folder, "vocab.json"), "w") as file:
        json.dump({token: i for i, token in enumerate(tokens)}, file, ensure_ascii=False, indent=0)
    with open(os.path.join(folder, "merges.txt"), "w") as file:
        file.write("\n".join(["#version: 0.2", *merges]) + "\n")
    special = dict(bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>", pad_token="<|endoftext|>")
    with open(os.path.join(folder, "special_tokens_map.json"), "w") as file:
        json.dump(special, file, indent=1)
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump({**special, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}, file, indent=1)
    return CLIPTokenizer.from_pretrained(folder), len(tokens)


def networks(vocabulary, second):
    """Like SD 1.x, or like SD 2.x: head sizes, linear projections, another activation in the text encoder."""
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
            hidden_act="gelu" if second else "quick_gelu", bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1, projection_dim=16,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=16, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=16,
        attention_head_dim=(2, 4) if second else 2, use_linear_projection=second,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(
        sample_size=32, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    return text, unet, vae


def strengthen(unet, vae):
    """Freshly initialised networks hardly listen to the text, and encode any image as nearly nothing."""
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if "attn2.to_" in name and parameter.ndim == 2:
                parameter.mul_(4)
        vae.encoder.conv_out.weight.mul_(4)


def write_folder(name, second):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(2 if second else 1)
    tokenizer, vocabulary = write_tokenizer(os.path.join(folder, "tokenizer"))
    text, unet, vae = networks(vocabulary, second)
    strengthen(unet, vae)
    if second:
        scheduler = DDIMScheduler(**NOISE, prediction_type="v_prediction", clip_sample=False, set_alpha_to_one=False)
    else:
        scheduler = PNDMScheduler(**NOISE, skip_prk_steps=True, set_alpha_to_one=False)
    for part, module in (("text_encoder", text), ("unet", unet), ("vae", vae)):
        module.half().save_pretrained(os.path.join(folder, part))
    scheduler.save_pretrained(os.path.join(folder, "scheduler"))
    index = {
        "_class_name": "StableDiffusionPipeline",
        "feature_extractor": [None, None],
        "safety_checker": [None, None],
        "scheduler": ["diffusers", type(scheduler).__name__],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    with open(os.path.join(folder, "model_index.json"), "w") as file:
        json.dump(index, file, indent=1)
    parts = dict(
        tokenizer=tokenizer,
        text_encoder=CLIPTextModel.from_pretrained(os.path.join(folder, "text_encoder"), torch_dtype=torch.float32),
        unet=UNet2DConditionModel.from_pretrained(os.path.join(folder, "unet"), torch_dtype=torch.float32),
        vae=AutoencoderKL.from_pretrained(os.path.join(folder, "vae"), torch_dtype=torch.float32),
        # As a user's: what the file says is not a default any more, and other samplers take it over.
        scheduler=type(scheduler).from_pretrained(os.path.join(folder, "scheduler")),
    )
    return dict(**parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def pixels(pipe, latents):
    decoded = pipe.vae.decode(latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
    image = pipe.image_processor.postprocess(decoded, output_type="np", do_denormalize=[True] * len(decoded))
    return torch.from_numpy((image * 255).round().astype(np.uint8))


def start_image():
    """Smooth, and 41 x 33 pixels: one row and one column too many for the autoencoder."""
    rows, columns = np.mgrid[0:33, 0:41].astype(np.float64)
    planes = [np.sin(rows / 5), np.cos(columns / 7), np.sin((rows + columns) / 9)]
    return (np.stack(planes, -1) * 100 + 128).astype(np.uint8)


SCHEDULERS = {
    "pndm": lambda c: PNDMScheduler.from_config(c, skip_prk_steps=True),
    "ddim": DDIMScheduler.from_config,
    "euler": EulerDiscreteScheduler.from_config,
    "euler-ancestral": EulerAncestralDiscreteScheduler.from_config,
    "dpm++2m": DPMSolverMultistepScheduler.from_config,
    "dpm++2m-karras": lambda c: DPMSolverMultistepScheduler.from_config(c, use_karras_sigmas=True),
    "heun": HeunDiscreteScheduler.from_config,
    "lms": LMSDiscreteScheduler.from_config,
    "unipc": UniPCMultistepScheduler.from_config,
    "lcm": LCMScheduler.from_config,
}

# Options as TextToImage takes them.
CASES = {
    "sd1": [
        dict(name="plain", steps=5, negativePrompt=NEGATIVE),
        dict(name="unguided", steps=3, guidanceScale=1),
        dict(name="wide", steps=4, width=48, height=24),
        dict(name="from_image", steps=6, strength=0.6, negativePrompt=NEGATIVE, image=True),
        dict(name="from_image_ancestral", steps=5, strength=0.7, scheduler="euler-ancestral", image=True),
        dict(name="from_latents", steps=4, scheduler="euler", latents=True),
        *[dict(name=f"with_{name}", steps=4, scheduler=name) for name in SCHEDULERS if name != "pndm"],
    ],
    "sd2": [
        dict(name="plain", steps=5, negativePrompt=NEGATIVE),
        dict(name="rescaled", steps=4, guidanceRescale=0.7),
        dict(name="noisy", steps=4, eta=1.0),
        dict(name="from_image", steps=6, strength=0.5, image=True),
        dict(name="with_heun", steps=3, scheduler="heun"),
        dict(name="with_dpm", steps=5, scheduler="dpm++2m-karras"),
    ],
}


def quiet(pipe):
    pipe.set_progress_bar_config(disable=True)
    return pipe


def draw(parts, case, given, prompt=PROMPT):
    own = parts["scheduler"]
    name = case.get("scheduler")
    parts = {**parts, "scheduler": SCHEDULERS[name](own.config) if name else type(own).from_config(own.config)}
    shared = dict(
        prompt=prompt, negative_prompt=case.get("negativePrompt"), num_inference_steps=case["steps"],
        guidance_scale=case.get("guidanceScale", 7.5), num_images_per_prompt=len(SEEDS), eta=case.get("eta", 0.0),
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in SEEDS], output_type="latent",
    )  # fmt: skip
    if case.get("image"):
        pipe = quiet(StableDiffusionImg2ImgPipeline(**parts))
        image = Image.fromarray(given["image"].numpy())
        latents = pipe(image=image, strength=case["strength"], **shared).images
    else:
        pipe = quiet(StableDiffusionPipeline(**parts))
        start = given["latents"].clone() if case.get("latents") else None
        latents = pipe(
            height=case.get("height", 32), width=case.get("width", 32), latents=start,
            guidance_rescale=case.get("guidanceRescale", 0.0), **shared,
        ).images  # fmt: skip
    return latents, pixels(pipe, latents)


@torch.no_grad()
def main():
    torch.manual_seed(0)
    given = {"image": torch.from_numpy(start_image()), "latents": torch.randn(len(SEEDS), 4, 16, 16)}
    description = dict(prompt=PROMPT, seeds=SEEDS, cases=CASES)
    for name in CASES:
        parts = write_folder(name, name == "sd2")
        first = CASES[name][0]
        other = draw(parts, first, given, prompt="an old man")[0]
        assert (other - draw(parts, first, given)[0]).abs().max() > 0.1, "the text hardly matters"
        results = {}
        for case in CASES[name]:
            latents, images = draw(parts, case, given)
            results[f"{case['name']}.latents"] = latents.contiguous()
            results[f"{case['name']}.images"] = images.contiguous()
            print(name, case["name"], f"latents {latents.std():.2f}", f"pixels {images.float().std():.1f}", flush=True)
        save_file(results, os.path.join(HERE, f"{name}.safetensors"))
    save_file(given, os.path.join(HERE, "given.safetensors"))
    with open(os.path.join(HERE, "cases.json"), "w") as file:
        json.dump(description, file, indent=1)


main()
