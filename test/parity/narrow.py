"""Narrower copies of PyTorch networks, for fixtures of a few kilobytes."""

import torch.nn as nn


def scaled(channels, width):
    """ScaledChannels of native/models/xception_options.cc."""
    return channels if width == 1 else max(8, 8 * round(channels * width / 8))


def narrow(module, width, fixed=()):
    """Replaces every convolution, batch norm and linear layer below `module` by one of scaled width, in place.

    `fixed` are numbers of channels that stay: colours and classes. New layers have PyTorch's default initialisation.
    """
    size = lambda channels: channels if channels in fixed else scaled(channels, width)  # noqa: E731
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            depthwise = child.groups == child.in_channels > 1
            layer = nn.Conv2d(
                size(child.in_channels),
                size(child.out_channels),
                child.kernel_size,
                child.stride,
                child.padding,
                groups=size(child.in_channels) if depthwise else 1,
                bias=child.bias is not None,
            )
        elif isinstance(child, nn.BatchNorm2d):
            layer = nn.BatchNorm2d(size(child.num_features))
        elif isinstance(child, nn.Linear):
            layer = nn.Linear(size(child.in_features), size(child.out_features))
        else:
            narrow(child, width, fixed)
            continue
        setattr(module, name, layer)
    return module


def randomize(module, generator):
    """Weights that keep the variance, norms and their statistics away from the identity; a seed means one network."""
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        if value.ndim > 1:
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=generator)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5, generator=generator)
        else:
            value.normal_(1.0 if name.endswith("weight") else 0.0, 0.1, generator=generator)
    return module
