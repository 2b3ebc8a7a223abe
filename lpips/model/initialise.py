"""Draw random weights of a trunk from a given generator."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill every parameter and buffer of a network.

    Convolutions: He et al. 2015 (normal, fan-in, ReLU), which keep the variance at every depth. Linear and attention
    layers: Glorot and Bengio 2010 (uniform). Biases: 0. Normalisation: scale 1, shift 0, running mean 0 and variance
    1. The rest: scales of residual branches 1, class tokens 0, embeddings of positions normal with σ 0.02
    (Dosovitskiy et al. 2021).
    """
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if isinstance(module, nn.Conv2d) and name == "weight":
                nn.init.kaiming_normal_(parameter, nonlinearity="relu", generator=generator)
            elif name.endswith("bias") or name == "class_token":
                nn.init.zeros_(parameter)
            elif parameter.ndim == 2 and "position" not in name:
                nn.init.xavier_uniform_(parameter, generator=generator)
            elif "pos" in name:
                nn.init.normal_(parameter, std=0.02, generator=generator)
            else:  # of normalisation, or layer_scale
                nn.init.ones_(parameter)
        for name, buffer in module.named_buffers(recurse=False):
            if isinstance(module, _BatchNorm):
                buffer.fill_(1 if name == "running_var" else 0)
