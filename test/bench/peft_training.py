"""Reference side: one step of LoRA training with timm + PEFT: forward, cross-entropy, backward, Adam."""
import side
import peft
import timm
import torch

job = side.job()
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
lora = job["lora"]
config = peft.LoraConfig(
    r=lora["rank"],
    lora_alpha=lora["alpha"],
    lora_dropout=lora["dropout"],
    target_modules=lora["targets"],
    modules_to_save=["head"],
)
model = peft.get_peft_model(side.load_model(job), config).train().to(job["device"])
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
images = side.pixels(job, job["device"])
labels = (torch.arange(job["batchSize"]) % 2).to(job["device"])
dtype = side.DTYPES[job["dtype"]]


def iteration():
    optimizer.zero_grad()
    with torch.autocast(torch.device(job["device"]).type, dtype=dtype, enabled=dtype != torch.float32):
        loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def ready():
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {"name": f"timm {timm.__version__} + PEFT {peft.__version__}", "libtorch": torch.__version__, "trained": trained}


side.serve(iteration, ready, side.synchronizer(job["device"]))
