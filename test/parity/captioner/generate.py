"""Makes the fixtures of captioner.test.ts: small random VisionEncoderDecoderModels of transformers.

    python test/parity/captioner/generate.py

projected/, plain/ and endless/ are model folders (fp16, computed in fp32) with a made-up vocabulary of bytes and a few words;
expected.json has what generate() gives for two images (a.png, b.png) in many settings: tokens, scores, texts.
crops.safetensors: the 8-bit images that ViTImageProcessor (the Pillow one) makes of them. With one beam, generate() has no
score; it is made of compute_transition_scores.
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from safetensors.torch import save_file  # noqa: E402
from transformers import (  # noqa: E402
    GPT2Config,
    GPT2Tokenizer,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil  # noqa: E402

SIZE = 24
WORDS = "a man woman with glasses and the red hat in of"
# Name: encoder's width, its bias, the pull towards the end token, and the seed.
MODELS = {"projected": (16, True, 3.5, 11), "plain": (20, False, 4.5, 12), "endless": (16, True, 0.0, 13)}


def byte_letters():
    """GPT-2's letters for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]


def vocabulary():
    letters = byte_letters()
    merges, tokens = [], list(letters)
    for word in WORDS.split():
        parts = ["\u0120", *word]
        while len(parts) > 1:
            left, right = parts[0], parts[1]
            if left + right not in tokens:
                merges.append(f"{left} {right}")
                tokens.append(left + right)
            parts[:2] = [left + right]
    tokens.append("<|endoftext|>")
    return {token: i for i, token in enumerate(tokens)}, merges


def make_model(encoder_width, qkv_bias, pull, seed, vocab_size):
    torch.manual_seed(seed)
    end = vocab_size - 1
    encoder = ViTConfig(
        hidden_size=encoder_width,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=28,
        image_size=SIZE,
        patch_size=8,
        qkv_bias=qkv_bias,
    )
    decoder = GPT2Config(
        n_embd=20,
        n_layer=2,
        n_head=2,
        vocab_size=vocab_size,
        n_positions=24,
        add_cross_attention=True,
        is_decoder=True,
        bos_token_id=end,
        eos_token_id=end,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id = config.pad_token_id = config.eos_token_id = end
    model = VisionEncoderDecoderModel(config).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name or "ln_" in name else 0.0, std=0.2)
            if name.endswith("bias"):
                torch.nn.init.normal_(parameter, std=0.1)
        else:
            torch.nn.init.normal_(parameter, std=1.6 * parameter.shape[-1] ** -0.5)
    transformer = model.decoder.transformer
    # Or the last token would repeat itself: its embedding is also what the output is compared to.
    transformer.wte.weight.data *= 0.6
    transformer.wpe.weight.data *= 2
    transformer.ln_f.weight.data *= 2
    row = transformer.wte.weight.data[end]
    transformer.ln_f.bias.data += pull * row / row.norm()
    for parameter in model.parameters():
        parameter.data = parameter.data.half().float()
    return model


def settings():
    yield dict(num_beams=1, early_stopping=False, length_penalty=1.0, max_length=16, num_return_sequences=1)
    for beams, early, penalty in itertools.product((2, 4), (False, True, "never"), (1.0, 0.0, 2.0)):
        if beams == 2 and penalty == 0.0:
            continue
        yield dict(num_beams=beams, early_stopping=early, length_penalty=penalty, max_length=16, num_return_sequences=beams)
    yield dict(num_beams=4, early_stopping=False, length_penalty=1.0, max_length=5, num_return_sequences=2)
    yield dict(num_beams=3, early_stopping=True, length_penalty=-1.0, max_length=24, num_return_sequences=3)
    yield dict(num_beams=1, early_stopping=False, length_penalty=1.0, max_length=2, num_return_sequences=1)


def cut(ids, end):
    """From the start token to the first end token behind it."""
    for i in range(1, len(ids)):
        if ids[i] == end:
            return ids[: i + 1]
    return ids


def run(model, tokenizer, pixels, case):
    end = model.config.eos_token_id
    output = model.generate(pixels, return_dict_in_generate=True, output_scores=True, do_sample=False, **case)
    sequences = [cut(ids, end) for ids in output.sequences.tolist()]
    if case["num_beams"] > 1:
        scores = output.sequences_scores.tolist()
    else:
        steps = model.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)
        count = len(sequences[0]) - 1
        scores = [steps[0, :count].sum().item() / count ** case["length_penalty"]]
    texts = [tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in sequences]
    return [{"ids": ids, "score": score, "text": text} for ids, score, text in zip(sequences, scores, texts)]


def make_images(processor):
    images, crops = {}, {}
    for name, (height, width) in {"a": (30, 41), "b": (35, 22)}.items():
        small = np.random.default_rng(ord(name)).integers(0, 256, (5, 5, 3), dtype=np.uint8)
        images[name] = Image.fromarray(small).resize((width, height), Image.BICUBIC)
        images[name].save(HERE / f"{name}.png")
        crop = ViTImageProcessorPil(**dict(processor, do_rescale=False, do_normalize=False))(images[name], return_tensors="pt")
        crops[name] = crop.pixel_values[0].permute(1, 2, 0).to(torch.uint8).contiguous()
    save_file(crops, HERE / "crops.safetensors")
    return {name: ViTImageProcessorPil(**processor)(image, return_tensors="pt").pixel_values for name, image in images.items()}


def main():
    torch.set_num_threads(1)  # of networks this small, threads would only wait for each other
    vocab, merges = vocabulary()
    processor = dict(size=dict(height=SIZE, width=SIZE), resample=2, image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.6, 0.7])
    pixels = make_images(processor)
    expected = {}
    for name, (*shape, seed) in MODELS.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        model = make_model(*shape, seed, len(vocab))
        (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False) + "\n")
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
        tokenizer = GPT2Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
        described = dict(processor, do_resize=True, do_normalize=True, do_rescale=True, image_processor_type="ViTImageProcessor")
        (folder / "preprocessor_config.json").write_text(json.dumps(described, indent=1) + "\n")
        with torch.inference_mode():
            expected[name] = [
                {**case, "image": image, "found": run(model, tokenizer, values, case)}
                for image, values in pixels.items()
                for case in settings()
                if image == "a" or case["length_penalty"] == 1.0
            ]
        model.half().save_pretrained(folder)
        lengths = sorted({len(found["ids"]) for case in expected[name] for found in case["found"]})
        print(name, "lengths", lengths, "example", expected[name][0]["found"][0]["text"])
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
