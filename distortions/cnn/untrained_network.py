"""The operator `untrained_network`: a network with random weights."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.manifests.schema.call import Params

from .blending import blend
from .corrupt import corrupt
from .grouping import in_groups
from .reconstruct import reconstruct
from .spec import spec

if TYPE_CHECKING:
    from .nets.network import Autoencoder

COUNT = 128
"""Number of different networks. All stay in memory (about 20 MB), and images with the same network run together."""


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
    network = Nuisance(0, COUNT - 1, "number of the network", whole=True)

    def apply(self, image: Image, *, strength: float, network: int) -> Image:
        """Mix the image with the output of the network."""
        return self.apply_batch([image], [{"strength": strength, "network": network}])[0]

    def apply_batch(self, images: Sequence[Image], params: Sequence[Params]) -> list[Image]:
        """Run images with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            signed = [corrupt(images[i], "none", 0.0, 0) for i in members]
            outputs = reconstruct(_random(int(params[members[0]]["network"])), signed)
            return [
                blend(images[i], _matched(output, before), float(params[i]["strength"]))
                for i, output, before in zip(members, outputs, signed, strict=True)
            ]

        keys = [(values["network"], image.shape) for image, values in zip(images, params, strict=True)]
        return in_groups(keys, apply)


def _matched(output: NDArray[np.float32], image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the output with the mean and standard deviation of the image in every channel."""
    scale = image.std(axis=(0, 1)) / (output.std(axis=(0, 1)) + np.float32(1e-3))
    return np.clip((output - output.mean(axis=(0, 1))) * scale + image.mean(axis=(0, 1)), -1, 1)


@lru_cache(maxsize=COUNT)
def _random(number: int) -> Autoencoder:
    """Build a network with weights after He et al. 2015, from our own stream: torch's may change with its version."""
    import torch

    from .nets.network import Autoencoder

    network = Autoencoder(spec(0, number, features=False)).to(memory_format=torch.channels_last)
    network.requires_grad_(False)
    for position, (name, weight) in enumerate(network.named_parameters()):
        if weight.ndim == 4:
            fan = weight[0].numel()
            noise = normal_field(number * 4096 + position, tuple(weight.shape)) * np.float32((2 / fan) ** 0.5)
            weight.copy_(torch.from_numpy(noise))
        else:
            weight.fill_(1.0 if name.endswith("weight") else 0.0)
    return network.eval()
