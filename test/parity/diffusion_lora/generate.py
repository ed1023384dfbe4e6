"""Makes the fixtures of diffusion_lora.test.ts: LoRA files in every spelling, merged by diffusers and PEFT.

    PYTHONPATH=<diffusers>/src python test/parity/diffusion_lora/generate.py

unet.safetensors and text_encoder.safetensors are tiny random networks (fp16). Each case is a LoRA file; expected.safetensors
holds, under "<case>/unet." and "<case>/text_encoder.", the weights that were changed, in fp32: by diffusers' fuse_lora in
the UNet, by PEFT in the text encoder. cases.json says
which files make a case, and their scales.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from diffusers import StableDiffusionPipeline, UNet2DConditionModel  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel  # noqa: E402

UNET = dict(
    sample_size=8,
    in_channels=4,
    out_channels=4,
    cross_attention_dim=8,
    norm_num_groups=4,
    attention_head_dim=2,
    block_out_channels=[4, 8],
    layers_per_block=1,
    down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
    up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
)
TEXT = dict(
    vocab_size=20,
    hidden_size=8,
    intermediate_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=8,
)
ATTENTION = "down_blocks.0.attentions.0.transformer_blocks.0"
LINEAR = [
    f"{ATTENTION}.{name}" for name in ("attn1.to_q", "attn1.to_k", "attn2.to_v", "attn2.to_out.0", "ff.net.0.proj")
]
PROJECTIONS = ["down_blocks.0.attentions.0.proj_in", "mid_block.attentions.0.proj_out"]
CONVOLUTIONS = ["conv_in", "down_blocks.0.resnets.0.conv1", "up_blocks.1.resnets.1.conv_shortcut"]
SAMPLERS = ["down_blocks.0.downsamplers.0.conv", "up_blocks.0.upsamplers.0.conv"]
TEXT_LINEAR = [
    f"encoder.layers.{i}.{name}" for i in (0, 1) for name in ("self_attn.q_proj", "self_attn.out_proj", "mlp.fc1")
]
TEXT_LINEAR += ["encoder.layers.1.self_attn.k_proj", "encoder.layers.1.self_attn.v_proj"]

TEXT_ALPHA = {"settings": 1, "kohya": 1.5}  # of a file that says another alpha than its rank


def new_networks():
    torch.manual_seed(20260205)
    networks = UNet2DConditionModel(**UNET).eval(), CLIPTextModel(CLIPTextConfig(**TEXT)).eval()
    for network in networks:
        for parameter in network.parameters():
            parameter.data = (0.3 * torch.randn_like(parameter)).half().float()
    return networks


def shapes(network, layer, rank):
    """Of the two matrices for a linear layer or a convolution."""
    weight = network.get_submodule(layer).weight
    return (rank, *weight.shape[1:]), (weight.shape[0], rank, *[1] * (weight.ndim - 2))


def matrices(network, layers, rank):
    for layer in layers:
        down, up = (torch.randn(shape).half() for shape in shapes(network, layer, rank))
        yield layer, down, up


def peft(unet, text):
    file = {}
    for layer, down, up in matrices(unet, LINEAR + PROJECTIONS + CONVOLUTIONS, 2):
        file |= {f"unet.{layer}.lora_A.weight": down, f"unet.{layer}.lora_B.weight": up}
    for layer, down, up in matrices(text, TEXT_LINEAR, 2):
        name = f"text_encoder.text_model.{layer}"
        file |= {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
    return file


def settings(unet, text):
    """As peft, with PEFT's settings in the header; alpha is not the rank."""
    file = peft(unet, text)
    common = {"r": 2, "lora_alpha": 3, "use_rslora": True}
    unet_settings = common | {"target_modules": LINEAR + PROJECTIONS + CONVOLUTIONS, "alpha_pattern": {LINEAR[1]: 5}}
    text_settings = {"r": 2, "lora_alpha": 1, "target_modules": [f"text_model.{layer}" for layer in TEXT_LINEAR]}
    packed = {f"unet.{name}": value for name, value in unet_settings.items()}
    packed |= {f"text_encoder.{name}": value for name, value in text_settings.items()}
    return file, {"lora_adapter_metadata": json.dumps(packed)}


def before_peft(unet, text):
    file = {}
    for layer, down, up in matrices(unet, LINEAR, 3):
        file |= {f"unet.{layer}.lora.down.weight": down, f"unet.{layer}.lora.up.weight": up}
    for layer, down, up in matrices(text, TEXT_LINEAR, 3):
        name = f"text_encoder.text_model.{layer}.lora_linear_layer"
        file |= {f"{name}.down.weight": down, f"{name}.up.weight": up}
    return file


def processors(unet, text):
    file = {}
    for layer, down, up in matrices(unet, LINEAR[:4], 2):
        attention, projection = layer.removesuffix(".0").rsplit(".", 1)
        name = f"unet.{attention}.processor.{projection}_lora"
        file |= {f"{name}.down.weight": down, f"{name}.up.weight": up}
    return file


def kohya(unet, text):
    file = {}
    for prefix, network, layers in (
        ("lora_unet", unet, LINEAR + PROJECTIONS + CONVOLUTIONS[1:2] + SAMPLERS),
        ("lora_te_text_model", text, TEXT_LINEAR),
    ):
        for layer, down, up in matrices(network, layers, 4):
            name = f"{prefix}_{layer.replace('.', '_')}"
            file |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up, f"{name}.alpha": torch.tensor(1.5)}
    return file


def merge_unet(unet, file, metadata, scale):
    pipeline = StableDiffusionPipeline(
        vae=None,
        text_encoder=None,
        tokenizer=None,
        unet=unet,
        scheduler=None,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    own = {key: value for key, value in file.items() if key.startswith(("unet.", "lora_unet_"))}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lora.safetensors"
        save_file(own, path, metadata)
        pipeline.load_lora_weights(str(path))
    pipeline.fuse_lora(components=["unet"], lora_scale=scale)
    pipeline.unload_lora_weights()


def merge_text(text, file, alpha, scale):
    """By PEFT alone: diffusers looks for the layers of CLIPTextModel where transformers had them before version 5."""
    found = {
        key.replace(".", "_"): value for key, value in file.items() if key.startswith(("text_encoder.", "lora_te_"))
    }
    if not found:
        return text

    def matrix(layer, names):
        return next(v for k, v in found.items() if layer.replace(".", "_") in k and any(name in k for name in names))

    rank = matrix(TEXT_LINEAR[0], ("down", "lora_A")).shape[0]
    config = LoraConfig(r=rank, lora_alpha=scale * (alpha or rank), target_modules=TEXT_LINEAR)
    model = get_peft_model(text, config)
    for layer in TEXT_LINEAR:
        module = text.get_submodule(layer)
        module.lora_A.default.weight.data = matrix(layer, ("down", "lora_A")).float()
        module.lora_B.default.weight.data = matrix(layer, ("up_weight", "lora_B")).float()
    return model.merge_and_unload()


def main():
    unet, text = new_networks()
    base = {"unet": unet.state_dict(), "text_encoder": text.state_dict()}
    base = {name: {key: value.clone() for key, value in state.items()} for name, state in base.items()}
    for name, state in base.items():
        save_file({key: value.half() for key, value in state.items()}, HERE / f"{name}.safetensors")
    loras = {}
    for make in (peft, settings, before_peft, processors, kohya):
        made = make(unet, text)
        file, metadata = made if isinstance(made, tuple) else (made, None)
        loras[make.__name__] = file, metadata
        save_file(file, HERE / f"{make.__name__}.safetensors", metadata)
    cases = {name: [[name, 0.7]] for name in ("peft", "settings", "before_peft", "processors", "kohya")}
    cases["several"] = [["kohya", 1.0], ["peft", -0.5], ["processors", 0.25]]
    expected = {}
    for case, files in cases.items():
        unet, text = new_networks()
        for name, scale in files:
            file, metadata = loras[name]
            merge_unet(unet, file, metadata, scale)
            text = merge_text(text, file, TEXT_ALPHA.get(name), scale)
        for network, model in (("unet", unet), ("text_encoder", text)):
            for key, value in model.state_dict().items():
                if not torch.equal(value, base[network][key]):
                    expected[f"{case}/{network}.{key}"] = value.contiguous()
        print(case, sum(key.startswith(case + "/") for key in expected), "weights changed")
    save_file(expected, HERE / "expected.safetensors")
    (HERE / "cases.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
