"""Trunks: torchvision networks cut at the layers whose features LPIPS compares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import torch
import torchvision
from torch import Tensor, nn

from ..manifests.errors import BappsmithError, unknown_name
from .weights import read_state

TrunkWeights: TypeAlias = str | Path | int
"""A file with torchvision's `features.*` keys, "pretrained" (a download), or the seed of a random trunk."""


@dataclass(frozen=True, slots=True)
class TrunkSpec:
    """Where a torchvision network is tapped (reference implementation of Zhang et al. 2018).

    Attributes:
        model: torchvision's name of the network.
        taps: indices into its `.features`; the output after each is compared.
        channels: number of channels at each tap.
    """

    model: str
    taps: tuple[int, ...]
    channels: tuple[int, ...]


TRUNKS = {
    "alex": TrunkSpec("alexnet", (1, 4, 7, 9, 11), (64, 192, 384, 256, 256)),
    "vgg": TrunkSpec("vgg16", (3, 8, 15, 22, 29), (64, 128, 256, 512, 512)),
    "squeeze": TrunkSpec("squeezenet1_1", (1, 4, 7, 9, 10, 11, 12), (64, 128, 256, 384, 384, 512, 512)),
}


class Trunk(nn.Module):
    """The convolutional layers of a network, up to the last tap.

    Args:
        net: "alex", "vgg" or "squeeze".
        weights: see `TrunkWeights`.

    Raises:
        BappsmithError: the net is unknown, a file does not fit, or a download fails.
    """

    def __init__(self, net: str, weights: TrunkWeights) -> None:
        super().__init__()
        if net not in TRUNKS:
            raise unknown_name("net", net, TRUNKS)
        self.spec = TRUNKS[net]
        # On "meta", nothing is allocated for the classifier, and no global random state is read.
        with torch.device("meta"):
            layers = torchvision.models.get_model(self.spec.model, weights=None).get_submodule("features")
        if not isinstance(layers, nn.Sequential):
            raise TypeError(f"torchvision's {self.spec.model}.features is no nn.Sequential")
        self.features = layers[: self.spec.taps[-1] + 1].to_empty(device="cpu")
        if isinstance(weights, int):
            initialise(self.features, torch.Generator().manual_seed(weights))
        elif weights == "pretrained":
            self._load(_download(net, self.spec.model), f"torchvision's {self.spec.model}")
        else:
            self._load(read_state(weights, "trunk weights"), f"trunk weights {weights}")

    def _load(self, state: dict[str, Tensor], origin: str) -> None:
        """Load the `features.*` entries; other entries (a classifier) are not needed."""
        found = {k.removeprefix("features."): v for k, v in state.items() if k.startswith("features.")}
        wanted = self.features.state_dict()
        wrong = [k for k, v in wanted.items() if k not in found or found[k].shape != v.shape]
        more = sorted(set(found) - set(wanted))
        if wrong or more:
            named = f"features.{(wrong or more)[0]}"
            raise BappsmithError(
                f"{origin} do not fit {self.spec.model}: {named} is {'missing or of another shape' if wrong else 'too much'}; "
                f"give the state dict of torchvision's {self.spec.model}"
            )
        self.features.load_state_dict({k: found[k] for k in wanted})

    def forward(self, images: Tensor) -> list[Tensor]:
        """Features at every tap.

        Args:
            images: N×3×H×W float, scaled as the trunk expects.

        Returns:
            One N×C×h×w tensor per tap.

        Raises:
            BappsmithError: the images are too small for the trunk's strides.
        """
        found = []
        size = images.shape[2:]
        for index, layer in enumerate(self.features):
            try:
                images = layer(images)
            except RuntimeError as error:
                if "too small" not in str(error) and "greater than actual input size" not in str(error):
                    raise
                raise BappsmithError(
                    f"images of {size[0]}×{size[1]} px are too small for {self.spec.model}; 64×64 is what LPIPS is made for"
                ) from error
            if index in self.spec.taps:
                found.append(images)
        return found


def initialise(layers: nn.Module, generator: torch.Generator) -> None:
    """Random weights after He et al. 2015 (normal, fan-in, ReLU), which keep the variance at every depth."""
    for module in layers.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _download(net: str, model: str) -> dict[str, Tensor]:
    try:
        return torchvision.models.get_model(model, weights="DEFAULT").state_dict()
    except (OSError, RuntimeError) as error:  # urllib's errors are OSErrors; a bad hash is a RuntimeError
        raise BappsmithError(
            f"pretrained weights of {model} cannot be downloaded ({error}); give a file with --trunk-weights FILE "
            f"(torchvision's state dict), or train --net {net} --mode scratch, which needs none"
        ) from error
