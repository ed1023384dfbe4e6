"""Writes the job's model as ONNX for onnxruntime-node: export_onnx.py JOB FILE."""
import sys

import side
import torch

job = side.job()
model = side.load_model(job).eval()
# timm's fused attention is exported as its parts, which is what onnxruntime has kernels for.
torch.onnx.export(
    model,
    (side.pixels(job, "cpu"),),
    sys.argv[2],
    dynamo=False,
    opset_version=17,
    input_names=["pixels"],
    output_names=["logits"],
)
