"""LPIPS: the distance of two images in the features of a trunk (Zhang et al. 2018, Equation 1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..manifests.errors import BappsmithError
from .backbones import TRUNKS, Trunk, TrunkWeights
from .weights import read_state

SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
"""Input scaling of version 0.1: (x - SHIFT) / SCALE per channel, for x in [-1, 1] (reference code)."""

HEAD_START = 0.1
"""Weight of every channel in heads that are about to be trained: distances then start at the order of 1."""


class LPIPS(nn.Module):
    """d(x, y) = Σ_l mean over space of Σ_c w_lc (x̂_lc - ŷ_lc)², with unit-normalised features x̂.

    Without heads w is 1 everywhere; d is then twice the cosine distance, averaged over space and
    summed over layers: the "untrained" metric of the paper.

    Args:
        net: "alex", "vgg" or "squeeze".
        trunk_weights: file, "pretrained", or the seed of a random trunk.
        head_weights: file with the keys `lin{k}.model.1.weight`; None: no heads.
        version: "0.1", or "0.0", which leaves out the input scaling.
        spatial: give a map instead of one number per pair.

    Raises:
        BappsmithError: something does not fit; nothing is ever loaded in part.
    """

    shift: Tensor
    scale: Tensor

    def __init__(
        self,
        net: str = "alex",
        *,
        trunk_weights: TrunkWeights = "pretrained",
        head_weights: str | Path | None = None,
        version: str = "0.1",
        spatial: bool = False,
    ) -> None:
        super().__init__()
        if version not in ("0.0", "0.1"):
            raise BappsmithError(f"version of LPIPS is '0.0' or '0.1', found '{version}'")
        self.net, self.version, self.spatial = net, version, spatial
        self.trunk = Trunk(net, trunk_weights)
        self.heads: nn.ParameterList | None = None
        # Not part of the state: they are constants of the version.
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1), persistent=False)
        if head_weights is not None:
            self.load_heads(read_state(head_weights, "head weights"), f"head weights {head_weights}")
        self.eval()

    def start_heads(self) -> None:
        """Give the metric heads that are about to be trained."""
        self.heads = nn.ParameterList(torch.full((c,), HEAD_START) for c in self.trunk.spec.channels)

    def load_heads(self, state: dict[str, Tensor], origin: str) -> None:
        """Load published heads.

        Args:
            state: `lin{k}.model.1.weight` → 1×C×1×1, for every tap k.
            origin: name of the file, for the error.

        Raises:
            BappsmithError: the heads belong to another net, or some are missing.
        """
        wanted = {f"lin{k}.model.1.weight": c for k, c in enumerate(self.trunk.spec.channels)}
        found = {name: value.numel() for name, value in state.items()}
        if found != wanted:
            fits = [net for net, spec in TRUNKS.items() if sorted(found.values()) == sorted(spec.channels)]
            hint = f"they look like heads of --net {fits[0]}" if fits else f"expected {', '.join(wanted)}"
            raise BappsmithError(f"{origin} do not fit net '{self.net}': {hint}")
        self.heads = nn.ParameterList(state[name].detach().float().reshape(-1).clone() for name in wanted)

    def head_state(self) -> dict[str, Tensor]:
        """The heads under their published names, 1×C×1×1 each; empty without heads."""
        return {
            f"lin{k}.model.1.weight": w.detach().reshape(1, -1, 1, 1) for k, w in enumerate(self.heads or ())
        }

    def features(self, images: Tensor) -> list[Tensor]:
        """Unit-normalised features at every tap.

        Args:
            images: N×3×H×W float in [-1, 1].

        Returns:
            One N×C×h×w tensor per tap; every spatial position has length 1, or 0 where all channels are 0.
        """
        if self.version == "0.1":
            images = (images - self.shift) / self.scale
        return [unit_normalise(found) for found in self.trunk(images)]

    def distance(
        self, features0: Sequence[Tensor], features1: Sequence[Tensor], dropout: float = 0.0
    ) -> list[Tensor]:
        """Weighted squared differences at every tap.

        Args:
            features0: of the first images, from `features`.
            features1: of the second images.
            dropout: probability of leaving out a difference; 0 except in training (reference: 0.5).

        Returns:
            One N×1×h×w tensor per tap.
        """
        maps = []
        for k, (one, two) in enumerate(zip(features0, features1, strict=True)):
            difference = (one - two).square()
            if dropout:
                difference = functional.dropout(difference, dropout)
            if self.heads is None:
                maps.append(difference.sum(dim=1, keepdim=True))
            else:
                maps.append(functional.conv2d(difference, self.heads[k].view(1, -1, 1, 1)))
        return maps

    def forward(self, image0: Tensor, image1: Tensor, *, normalize: bool = False) -> Tensor:
        """Distances of image pairs, differentiable to both.

        Args:
            image0: N×3×H×W float in [-1, 1].
            image1: the same shape, or one that broadcasts in N.
            normalize: the images are in [0, 1] instead.

        Returns:
            N×1×1×1, or N×1×H×W if `spatial`, each layer's map being enlarged bilinearly.

        Raises:
            BappsmithError: an image is not a float tensor N×3×H×W, or the shapes differ.
        """
        _check(image0, image1)
        if normalize:
            image0, image1 = 2 * image0 - 1, 2 * image1 - 1
        maps = self.distance(self.features(image0), self.features(image1))
        if self.spatial:
            size = image0.shape[2:]
            layers = [
                functional.interpolate(m, size=size, mode="bilinear", align_corners=False) for m in maps
            ]
        else:
            layers = [m.mean(dim=(2, 3), keepdim=True) for m in maps]
        return torch.stack(layers).sum(dim=0)


def unit_normalise(features: Tensor) -> Tensor:
    """Divide N×C×h×w features by their length over channels plus 1e-10 (reference code).

    Where all channels are 0 the result is 0, with gradient 0; the plain formula has gradient NaN there.
    """
    square = features.square().sum(dim=1, keepdim=True)
    silent = square == 0
    length = torch.where(silent, 1.0, square).sqrt() + 1e-10
    return features * torch.where(silent, 0.0, 1.0 / length)


def _check(image0: Tensor, image1: Tensor) -> None:
    for name, image in (("image0", image0), ("image1", image1)):
        if (
            not isinstance(image, Tensor)
            or not image.is_floating_point()
            or image.ndim != 4
            or image.shape[1] != 3
        ):
            came = (
                f"{image.dtype} {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
            )
            raise BappsmithError(f"LPIPS: {name} is a float tensor N×3×H×W in [-1, 1], found {came}")
    if image0.shape[2:] != image1.shape[2:]:
        raise BappsmithError(
            f"LPIPS: the images differ in size, {tuple(image0.shape)} and {tuple(image1.shape)}"
        )
