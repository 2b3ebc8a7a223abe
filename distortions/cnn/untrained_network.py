"""The operator `untrained_network`: a network with random weights."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register

from .blending import blend
from .corrupt import corrupt
from .reconstruct import reconstruct
from .spec import spec

if TYPE_CHECKING:
    from .nets.network import Autoencoder

COUNT = 4096
"""Number of different networks."""


@register
class UntrainedNetwork(Distortion):
    """A random network of the same space as those of banks. Its output gets the mean and contrast of the image.

    The artefacts of the architecture remain: smearing, checkerboards, the grain of upsampling. No bank is needed.
    It is not portable: the results of torch's convolutions change with the processor's SIMD level.
    """

    source = "ours, after Zhang et al. 2018 (CNN-based distortions)"
    libraries = ("torch",)
    portable = False
    strength = Severity(mild=0.05, severe=0.6, unit="share of the network's output")
    network = Nuisance(0, COUNT, "number of the network, rounded down")

    def apply(self, image: Image, *, strength: float, network: float) -> Image:
        """Mix the image with the output of the network."""
        signed = corrupt(image, "none", 0.0, 0)
        output = reconstruct(_random(int(network) % COUNT), [signed])[0]
        centre, scale = output.mean(axis=(0, 1)), output.std(axis=(0, 1)) + np.float32(1e-3)
        matched = (output - centre) / scale * signed.std(axis=(0, 1)) + signed.mean(axis=(0, 1))
        return blend(image, np.clip(matched, -1, 1), strength)


@lru_cache(maxsize=64)
def _random(number: int) -> Autoencoder:
    """Build a network with weights after He et al. 2015, from our own stream: torch's may change with its version."""
    import torch

    from .nets.network import Autoencoder

    network = Autoencoder(spec(0, number, features=False))
    network.requires_grad_(False)
    for position, (name, weight) in enumerate(network.named_parameters()):
        if weight.ndim == 4:
            fan = weight[0].numel()
            noise = normal_field(number * 4096 + position, tuple(weight.shape)) * np.float32((2 / fan) ** 0.5)
            weight.copy_(torch.from_numpy(noise))
        else:
            weight.fill_(1.0 if name.endswith("weight") else 0.0)
    return network.eval()
