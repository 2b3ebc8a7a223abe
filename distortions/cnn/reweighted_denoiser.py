"""The operator `reweighted_denoiser`: a network of a bank with perturbed weights."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field

from .bank_operator import PAPER, BankOperator
from .blending import blend
from .corrupt import corrupt
from .reconstruct import reconstruct
from .weights import load_network

if TYPE_CHECKING:
    from .nets.network import Autoencoder


class ReweightedDenoiser(BankOperator):
    """A network of the bank with perturbed weights: w·(1 + spread·ε), ε standard normal, in every convolution.

    It gives further networks without training. The input is not corrupted.
    """

    source = "ours, after " + PAPER
    spread = Severity(mild=0.02, severe=0.25, unit="of each weight")
    strength = Severity(mild=0.15, severe=1.0, unit="times the network's change")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, network: str, spread: float, strength: float, sub_seed: int) -> Image:
        """Apply a perturbed network to one image."""
        entry = self.networks[network]
        perturbed = _perturbed(load_network(entry), spread, sub_seed)
        output = reconstruct(perturbed, [corrupt(image, "none", 0.0, 0)])[0]
        return blend(image, output, strength * entry.gain)


def _perturbed(network: Autoencoder, spread: float, sub_seed: int) -> Autoencoder:
    import torch

    perturbed = copy.deepcopy(network)
    weights = [p for name, p in perturbed.named_parameters() if name.endswith("weight") and p.ndim == 4]
    noise = torch.from_numpy(normal_field(sub_seed, (sum(p.numel() for p in weights),)))
    for weight, part in zip(weights, torch.split(noise, [p.numel() for p in weights]), strict=True):
        weight.mul_(1 + spread * part.view_as(weight))
    return perturbed
