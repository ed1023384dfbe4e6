"""The authors' detector, from a checkout of github.com/Purdue-M2/Fairness-Generalization."""

import sys
import types
from pathlib import Path

import torch
import torch.nn as nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import reference_ops  # noqa: E402, F401
from narrow import narrow, scaled  # noqa: E402


def authors_detector(checkout, width=1, specific=True):
    """FairDetector without its files of weights and without its losses, which need a GPU.

    specific=False: without the specific-forgery branch, which is this package's option.
    """
    sys.path.insert(0, str(Path(checkout) / "training"))
    # The package of another backbone, which is imported and not used here.
    sys.modules.setdefault("efficientnet_pytorch", types.SimpleNamespace(EfficientNet=None))
    from detectors.fair_df_detector import FairDetector
    from networks import BACKBONE

    settings = {"mode": "adjust_channel", "num_classes": 2, "inc": 3, "dropout": False}
    FairDetector.build_backbone = lambda self: BACKBONE["xception"](settings)
    FairDetector.build_loss = lambda self: {}
    detector = FairDetector()
    for module in detector.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    if width != 1:
        # 3 colours; 2, 6 and 8 classes, and no layer is narrower than 8 channels.
        narrow(detector, width, fixed=(2, 3, 6, 8))
        resize_heads(detector, scaled(512, width), scaled(512, width) // (2 if specific else 1))
    if not specific:
        for name in ("block_spe", "head_spe", "block_fused"):
            delattr(detector, name)
    return detector


def resize_heads(detector, encoder, head):
    """Blocks and heads have half of the encoder's channels, not a scaled 256."""
    for name in ("spe", "sha", "fair", "fused"):
        block, mlp = getattr(detector, f"block_{name}").conv2d, getattr(detector, f"head_{name}").mlp
        for i in (0, 2, 4):
            block[i] = nn.Conv2d(encoder if i == 0 else head, head, 1)
        mlp[0] = nn.Linear(head, encoder)


def outputs_of(detector, pixels):
    """The outputs of native/models/fair_detector.h, reconstructions in the order of the batch."""
    if not hasattr(detector, "head_spe"):
        return common_outputs_of(detector, pixels)
    p = detector({"image": pixels})
    cross_real, cross_fake, self_fake, self_real = p["recontruction_imgs"]
    return {
        "common_logits": p["cls"],
        "common_features": p["feat"],
        "specific_logits": p["cls_spe"],
        "specific_features": p["feat_spe"],
        "demographic_logits": p["cls_fair"],
        "demographic_features": p["feat_fair"],
        "fused_logits": p["cls_fused"],
        "fused_features": p["feat_fused"],
        "content": p["feat_content"],
        "self_reconstruction": torch.cat([self_real, self_fake]),
        "cross_reconstruction": torch.cat([cross_real, cross_fake]),
    }


def common_outputs_of(detector, pixels):
    """The same equations with the common features as all there is of forgery; images pair by pair."""
    forgery, content, demographic = (
        encoder.features(pixels) for encoder in (detector.encoder_f, detector.encoder_c, detector.encoder_fair)
    )
    common, group = detector.block_sha(forgery), detector.block_fair(demographic)
    outputs = {"content": content}
    for name, head, maps in (
        ("common", detector.head_sha, common),
        ("demographic", detector.head_fair, group),
        ("fused", detector.head_fused, detector.adain(group, common)),
    ):
        outputs[f"{name}_logits"], outputs[f"{name}_features"] = head(maps)
    styled = detector.adain(demographic, content)
    partner = [(i + len(pixels) // 2) % len(pixels) for i in range(len(pixels))]
    decode = lambda i, j: detector.con_gan(common[j : j + 1], styled[i : i + 1])  # noqa: E731
    outputs["self_reconstruction"] = torch.cat([decode(i, i) for i in range(len(pixels))])
    outputs["cross_reconstruction"] = torch.cat([decode(i, j) for i, j in enumerate(partner)])
    return outputs


def take_statistics(detector, images, generator):
    """Running statistics near those of the images, as after training: AdaIN magnifies rounding in maps that hardly vary."""
    norms = [module for module in detector.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        outputs_of(detector.train(), images.float() / 127.5 - 1)
    for norm in norms:
        norm.momentum = 0.1
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.8, 1.25, generator=generator)
