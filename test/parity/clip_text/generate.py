"""Makes the fixtures of clip_text.test.ts: small random CLIP text encoders of transformers with their outputs.

    python test/parity/clip_text/generate.py

Each case becomes a text_encoder folder (config.json, model.safetensors in fp16, computed in fp32) with
expected.safetensors: ids, the pooled output, and the final hidden state for every count of skipped layers as
diffusers' clip_skip has it.
"""

import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel  # noqa: E402

POSITIONS, VOCABULARY, BOS, EOS = 12, 60, 58, 59
SMALL = dict(
    hidden_size=32,
    intermediate_size=64,
    num_attention_heads=4,
    vocab_size=VOCABULARY,
    max_position_embeddings=POSITIONS,
    layer_norm_eps=1e-5,
)
CASES = {
    # Stable Diffusion 1.x: the wrong eos_token_id of the first conversion, position_ids in the file.
    "quick-gelu": dict(
        SMALL, num_hidden_layers=3, hidden_act="quick_gelu", bos_token_id=0, eos_token_id=2, pad_token_id=1
    ),
    # Stable Diffusion 2.x: gelu, padding other than the end-of-text token.
    "gelu": {
        **SMALL,
        "num_hidden_layers": 2,
        "hidden_act": "gelu",
        "num_attention_heads": 2,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": 0,
        "layer_norm_eps": 1e-3,
    },
}


def randomize(model):
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=0.5, std=0.3)
        else:
            torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
        parameter.data = parameter.data.half().float()


def make_ids(pad):
    rows = []
    for length in (0, 3, 7, POSITIONS - 2):
        words = torch.randint(3, BOS, (length,)).tolist()
        rows.append(([BOS, *words, EOS] + [pad] * POSITIONS)[:POSITIONS])
    return torch.tensor(rows)


def write(name, arguments):
    model = CLIPTextModel(CLIPTextConfig(**arguments)).eval()
    randomize(model)
    ids = make_ids(EOS if name == "quick-gelu" else arguments["pad_token_id"])
    with torch.inference_mode():
        output = model(ids, output_hidden_states=True)
        skipped = [model.final_layer_norm(state) for state in reversed(output.hidden_states)][:-1]
    assert torch.allclose(skipped[0], output.last_hidden_state)
    expected = {"ids": ids.int(), "pooled": output.pooler_output}
    expected |= {f"hidden.{count}": state for count, state in enumerate(skipped)}
    weights = {key: value.half() for key, value in model.state_dict().items()}
    if name == "quick-gelu":
        weights = {f"text_model.{key}": value for key, value in weights.items()}
        weights["text_model.embeddings.position_ids"] = torch.arange(POSITIONS)[None]
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", **arguments}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, folder / "model.safetensors")
    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")


if __name__ == "__main__":
    torch.manual_seed(20260201)
    for case, case_arguments in CASES.items():
        write(case, case_arguments)
