"""Trunks: torchvision networks, cut after the last layer whose features LPIPS compares."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .initialise import initialise
from .taps import cut, default_taps
from .weights import read_state, refuse_not_finite

TrunkWeights: TypeAlias = str | Path | int | Mapping[str, Tensor]
"""A file with torchvision's weights of the network, "pretrained" (a download), the seed of a random trunk, or the
result of `Trunk.state`."""

NETS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}
"""The nets of Zhang et al. 2018 and torchvision's names for them."""


class Trunk(nn.Module):
    """A network that returns the features of its taps.

    It is always in evaluation mode: batch statistics, dropout and stochastic depth would make a distance depend on more
    than its two images. Its weights need no gradients, unless `requires_grad_(True)` asks for them to train it.

    Args:
        net: "alex", "vgg", "squeeze", or torchvision's name of any classification network.
        weights: see `TrunkWeights`.
        taps: names of layers as in `torchvision.models.feature_extraction`. Layers after the last one are cut off.
            None: see `taps.default_taps`.

    Attributes:
        taps: names of the layers.
        channels: number of channels of each layer.

    Raises:
        BappsmithError: the net or a tap is unknown, weights do not fit, or a download fails.
    """

    def __init__(self, net: str, weights: TrunkWeights, taps: Sequence[str] | None = None) -> None:
        super().__init__()
        self.model = NETS.get(net, net)
        known = torchvision.models.list_models(module=torchvision.models)
        if self.model not in known:
            raise unknown_name("net", net, [*NETS, *known])
        # On "meta", no memory is allocated for layers that are cut off, and no global random state is used.
        with torch.device("meta"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some networks announce that their initialisation will change
            whole = torchvision.models.get_model(self.model, weights=None).eval()
        self.taps = tuple(taps) if taps is not None else default_taps(net, whole)
        self.tokens = isinstance(whole, torchvision.models.VisionTransformer)
        self.channels_at_end = isinstance(whole, torchvision.models.SwinTransformer)
        self.side = int(whole.image_size) if isinstance(whole, torchvision.models.VisionTransformer) else None
        self.cut = cut(whole, self.model, self.taps)
        side = self.side or 64
        self.channels = tuple(
            tap.shape[1] for tap in self._maps(self.cut(torch.empty(1, 3, side, side, device="meta")))
        )
        if isinstance(weights, int):
            self._allocate()
            initialise(self.cut, torch.Generator().manual_seed(weights))
        elif isinstance(weights, Mapping):
            self._load(weights, self.cut.state_dict(), "the weights")
        elif weights == "pretrained":
            self._load(_download(net, self.model), whole.state_dict(), f"torchvision's weights of {self.model}")
        else:
            self._load(read_state(weights, "trunk weights"), whole.state_dict(), f"trunk weights {weights}")
        self.cut.to(memory_format=torch.channels_last)  # up to twice as fast on a CPU
        self.train(False)
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> Trunk:
        """Stay in evaluation mode for any `mode`."""
        return super().train(False)

    def state(self) -> dict[str, Tensor]:
        """Return the weights under torchvision's names."""
        return {name.removeprefix("cut."): value for name, value in self.state_dict().items()}

    def _allocate(self) -> None:
        self.cut = self.cut.to_empty(device="cpu")
        _copy_tables(self.model, self.cut)

    def _load(self, state: Mapping[str, Tensor], whole: Mapping[str, Tensor], origin: str) -> None:
        """Load the needed weights. Other weights of the same network, such as the classifier, are ignored.

        All names and shapes are checked before memory is allocated.
        """
        # Old files lack the counters of training steps, and nothing here reads them.
        wanted = {k: v for k, v in self.cut.state_dict().items() if not k.endswith("num_batches_tracked")}
        wrong = [k for k, v in wanted.items() if k not in state or state[k].shape != v.shape]
        foreign = [k for k, v in state.items() if k not in whole or whole[k].shape != v.shape]
        if wrong or foreign:
            what = f"{wrong[0]} is missing or has another shape" if wrong else f"{foreign[0]} is not in this network"
            raise BappsmithError(
                f"{origin} do not fit {self.model}: {what}; give the state dict of torchvision's {self.model}"
            )
        self._allocate()
        self.cut.load_state_dict({k: state.get(k, torch.tensor(0)) for k in self.cut.state_dict()})
        refuse_not_finite(self.state(), origin)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Compute the features at every tap.

        Args:
            images: N×3×H×W float, scaled as the trunk expects. For a vision transformer they are resized to the size it
                was trained on, because its position embeddings need it.

        Returns:
            One N×C×h×w tensor per tap. Tokens of a transformer form a map, without the class token.

        Raises:
            BappsmithError: the images are too small for the trunk's strides.
        """
        size = images.shape[2:]
        if self.side is not None and tuple(size) != (self.side, self.side):
            images = functional.interpolate(
                images, size=(self.side, self.side), mode="bilinear", align_corners=False, antialias=True
            )
        try:
            return self._maps(self.cut(images))
        except RuntimeError as error:
            if "too small" not in str(error) and "greater than actual input size" not in str(error):
                raise
            raise BappsmithError(
                f"images of {size[0]}×{size[1]} px are too small for {self.model}; use 64×64 px, the size that LPIPS "
                "is made for"
            ) from error

    def _maps(self, features: dict[str, Tensor]) -> list[Tensor]:
        taps = [features[name] for name in self.taps]
        if self.tokens:
            side = [int((tap.shape[1] - 1) ** 0.5) for tap in taps]
            return [tap[:, 1:].transpose(1, 2).unflatten(2, (s, s)) for tap, s in zip(taps, side, strict=True)]
        return [tap.movedim(3, 1) for tap in taps] if self.channels_at_end else taps


def _copy_tables(model: str, cut: nn.Module) -> None:
    """Copy the position tables of some transformers. Their constructors compute them, but not on "meta"."""
    tables = [
        f"{path}.{name}"
        for path, module in cut.named_modules()
        if not isinstance(module, _BatchNorm)
        for name, _ in module.named_buffers(recurse=False)
    ]
    if tables:
        with torch.random.fork_rng(devices=[]):
            whole = torchvision.models.get_model(model, weights=None)
        for name in tables:
            cut.get_buffer(name).copy_(whole.get_buffer(name))


def _download(net: str, model: str) -> dict[str, Tensor]:
    try:
        return torchvision.models.get_model(model, weights="DEFAULT").state_dict()
    except (OSError, RuntimeError) as error:  # urllib's errors are OSErrors; a bad hash is a RuntimeError
        raise BappsmithError(
            f"pretrained weights of {model} cannot be downloaded ({error}); give a file with --trunk-weights FILE "
            f"(torchvision's state dict), or train --net {net} --mode scratch, which needs none"
        ) from error
