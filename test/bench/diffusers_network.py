"""Reference side: one step of a UNet, or one decoding of a VAE, with diffusers; in eager mode, or with --compile first."""
import json
import sys

import side
import diffusers
import torch
from safetensors.torch import load_file

CLASSES = {"unet": diffusers.UNet2DConditionModel, "decode": diffusers.AutoencoderKL}

# As many values of the result as the parent compares.
COMPARED = 4096

job = side.job()
torch.set_num_threads(job["threads"])
dtype, device = side.DTYPES[job["dtype"]], job["device"]
with open(job["config"]) as file:
    config = json.load(file)
network = CLASSES[job["workload"]].from_config(config)
own = network.state_dict()
# The file may hold a 1 x 1 convolution as a matrix.
network.load_state_dict({name: value.reshape(own[name].shape) for name, value in load_file(job["weights"]).items()})
del own
network = network.eval().to(device, dtype)
inputs = {name: tensor.to(device, dtype) for name, tensor in load_file(job["inputs"]).items()}
compiled = "--compile" in sys.argv
run = network.decode if job["workload"] == "decode" else network
if compiled:
    run = torch.compile(run)


def iteration():
    # Of the modes without gradients, the one that torch.compile takes.
    with torch.no_grad() if compiled else torch.inference_mode():
        if job["workload"] == "decode":
            return run(inputs["latents"], return_dict=False)[0]
        return run(inputs["latents"], 500, encoder_hidden_states=inputs["text"], return_dict=False)[0]


def ready():
    result, flops = (iteration(), None) if compiled else side.counted(iteration)
    result = result.float().flatten()
    answer = {
        "name": f"diffusers {diffusers.__version__}{', compiled' if compiled else ''}",
        "libtorch": torch.__version__,
        "logits": result[:: max(1, result.numel() // COMPARED)].tolist(),
    }
    return answer if compiled else {**answer, "flops": flops, "ceiling": side.ceiling(job)}


# Seconds long on a processor: the iteration of ready() is warm-up enough there.
side.serve(iteration, ready, side.synchronizer(device), warm_up=0 if device == "cpu" else side.WARM_UP)
