"""Reference side: Stable Diffusion from a prompt to pixels with diffusers; the UNet eager, or with --compile first."""
import json
import os
import sys

import side
import diffusers
import torch
import transformers
from safetensors.torch import load_file

job = side.job()
torch.set_num_threads(job["threads"])
dtype, device = side.DTYPES[job["dtype"]], job["device"]


def part(name):
    return os.path.join(job["model"], name)


def network(cls, name):
    with open(os.path.join(part(name), "config.json")) as file:
        built = cls.from_config(json.load(file))
    own = built.state_dict()
    weights = load_file(os.path.join(part(name), "diffusion_pytorch_model.safetensors"))
    # The file may hold a 1 x 1 convolution as a matrix.
    built.load_state_dict({key: value.reshape(own[key].shape) for key, value in weights.items()})
    return built


pipeline = diffusers.StableDiffusionPipeline(
    vae=network(diffusers.AutoencoderKL, "vae"),
    unet=network(diffusers.UNet2DConditionModel, "unet"),
    text_encoder=transformers.CLIPTextModel.from_pretrained(part("text_encoder")),
    tokenizer=transformers.CLIPTokenizer.from_pretrained(part("tokenizer")),
    scheduler=diffusers.PNDMScheduler.from_pretrained(part("scheduler")),
    safety_checker=None,
    feature_extractor=None,
    requires_safety_checker=False,
).to(device, dtype)
pipeline.set_progress_bar_config(disable=True)
compiled = "--compile" in sys.argv
if compiled:
    pipeline.unet = torch.compile(pipeline.unet, mode="reduce-overhead")


def iteration():
    generator = torch.Generator().manual_seed(0)
    return pipeline(job["prompt"], num_inference_steps=job["steps"], generator=generator, output_type="np").images


def ready():
    name = f"diffusers {diffusers.__version__}{', compiled' if compiled else ''}"
    answer = {"name": name, "libtorch": torch.__version__}
    if compiled:
        return answer
    return {**answer, "flops": side.counted(iteration)[1], "ceiling": side.ceiling(job)}


side.serve(iteration, ready, side.synchronizer(device), warm_up=0 if device == "cpu" else 1)
