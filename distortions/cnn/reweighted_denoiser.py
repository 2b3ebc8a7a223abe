"""The operator `reweighted_denoiser`: a network of a bank with perturbed weights."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from typing import TYPE_CHECKING

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field

from .blending import blend
from .corrupt import corrupt
from .denoising_operator import PAPER, DenoisingOperator, weight_of
from .reconstruct import reconstruct
from .weights import load_network

if TYPE_CHECKING:
    from torch import Tensor

    from .nets.network import Autoencoder


class ReweightedDenoiser(DenoisingOperator):
    """A network of the bank with perturbed weights: w·(1 + spread·ε), ε standard normal, in every convolution.

    It gives further networks without training. The input is not corrupted. Every image has its own weights, so images
    run one by one.
    """

    source = "ours, after " + PAPER
    spread = Severity(mild=0.02, severe=0.25, unit="of each weight")
    sub_seed = SubSeed()

    def apply(self, image: Image, *, level: float, spread: float, sub_seed: int, network: str) -> Image:
        """Apply a perturbed network to one image."""
        entry = self.networks[network]
        loaded = load_network(entry)
        perturbed = _perturbed(loaded, spread, sub_seed)
        output = reconstruct(loaded, [corrupt(image, "none", 0.0, 0)], perturbed)[0]
        return blend(image, output, weight_of(entry, level))


def _perturbed(network: Autoencoder, spread: float, sub_seed: int) -> dict[str, Tensor]:
    """Return new values for the weights of the convolutions. The network itself does not change."""
    import torch

    weights = {name: p for name, p in network.named_parameters() if name.endswith("weight") and p.ndim == 4}
    sizes = [weight.numel() for weight in weights.values()]
    factors = torch.from_numpy(normal_field(sub_seed, (sum(sizes),))) * spread + 1
    parts = torch.split(factors, sizes)
    return {name: w * part.view_as(w) for (name, w), part in zip(weights.items(), parts, strict=True)}
