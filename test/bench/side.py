"""How a reference side of `deepcode bench` talks: one JSON object a line.

The parent starts a side with a job as its last argument. The side loads, warms up and writes a line that says
what it is. From then on it sleeps until a line "N" arrives on stdin, does N iterations, and answers
{"seconds": by the clock, "cpuSeconds": of processor time}, for all N, with "peakBytes" of the process. It ends with its stdin.
"""
import json
import os
import resource
import sys
import time

# Before timm is imported: see the file.
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "parity"))
import reference_ops  # noqa: E402,F401
import torch  # noqa: E402

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WARM_UP = 2


def job():
    """The parent's description of what to run; see BenchJob in ts/bench/job.ts."""
    return json.loads(sys.argv[-1])


def pixels(description, device):
    """The job's images, normalised: [N, 3, H, W], fp32."""
    size = description["imageSize"]
    with open(description["images"], "rb") as file:
        data = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    images = data.view(description["batchSize"], size, size, 3).permute(0, 3, 1, 2).contiguous()
    mean, std = (torch.tensor(description[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    return ((images.float() / 255 - mean) / std).to(device)


def load_model(description):
    """timm's model of the job's architecture with the job's weights."""
    import timm
    from safetensors.torch import load_file

    model = timm.create_model(description["architecture"], num_classes=2)
    model.load_state_dict(load_file(description["weights"]))
    return model


def serve(iteration, ready, synchronize=lambda: None, warm_up=WARM_UP):
    """Warms up, says `ready`, and measures whenever the parent asks."""
    for _ in range(warm_up):
        iteration()
    synchronize()
    print(json.dumps(ready()), flush=True)
    for line in sys.stdin:
        start, start_cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            iteration()
        synchronize()
        times = {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - start_cpu}
        times["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(times), flush=True)


def counted(iteration):
    """The result of one iteration, and its floating-point operations in matrix products, convolutions and attention."""
    from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

    def attention(query, key, value, *_, **__):
        return sdpa_flop_count(query, key, value)

    # Not known to it on a processor.
    more = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: attention}
    with FlopCounterMode(display=False, custom_mapping=more) as counter:
        result = iteration()
    return result, counter.get_total_flops()


def ceiling(description):
    """Floating-point operations a second of a large matrix product: the best of some tries after a warm-up."""
    device, dtype = description["device"], DTYPES[description["dtype"]]
    side_length, tries = (2048, 5) if device == "cpu" else (8192, 20)
    a, b = (torch.randn(side_length, side_length, device=device).to(dtype) for _ in range(2))
    synchronize = synchronizer(device)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(tries):
            synchronize()
            start = time.perf_counter()
            a @ b
            synchronize()
            best = min(best, time.perf_counter() - start)
    return 2 * side_length**3 / best


def synchronizer(device):
    """What to call before reading the clock."""
    return torch.cuda.synchronize if torch.device(device).type == "cuda" else (lambda: None)
