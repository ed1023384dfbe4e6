"""Reference side: inference with timm in eager mode. Images are already normalised, which is not timed."""
import side
import torch
import timm

job = side.job()
torch.set_num_threads(job["threads"])
dtype = side.DTYPES[job["dtype"]]
model = side.load_model(job).eval().to(job["device"], dtype)
images = side.pixels(job, job["device"]).to(dtype)


def iteration():
    with torch.inference_mode():
        return model(images)


def ready():
    logits, flops = side.counted(iteration)
    return {
        "name": f"timm {timm.__version__}",
        "libtorch": torch.__version__,
        "logits": logits.float().flatten().tolist(),
        "flops": flops,
        "ceiling": side.ceiling(job),
    }


side.serve(iteration, ready, side.synchronizer(job["device"]))
