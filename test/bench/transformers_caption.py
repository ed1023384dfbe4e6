"""Reference side: a caption by beam search with transformers' VisionEncoderDecoderModel."""
import side
import torch
import transformers
from transformers import VisionEncoderDecoderModel

job = side.job()
torch.set_num_threads(job["threads"])
dtype, device = side.DTYPES[job["dtype"]], job["device"]
model = VisionEncoderDecoderModel.from_pretrained(job["model"], dtype=dtype).eval().to(device)
pixels = side.pixels(job | {"mean": [0.5] * 3, "std": [0.5] * 3, "images": job["image"]}, device).to(dtype)
setting = {"num_beams": job["beams"], "num_return_sequences": job["beams"], "max_length": job["maxLength"]}


def iteration():
    with torch.inference_mode():
        return model.generate(pixels, output_scores=True, return_dict_in_generate=True, **setting)


def ready():
    return {
        "name": f"transformers {transformers.__version__}",
        "libtorch": torch.__version__,
        "logits": iteration().sequences_scores.float().tolist(),
    }


side.serve(iteration, ready, side.synchronizer(device))
