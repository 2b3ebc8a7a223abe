"""Trunks: torchvision networks, cut behind the last of the layers whose features LPIPS compares."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .initialise import initialise
from .weights import read_state

TrunkWeights: TypeAlias = str | Path | int
"""A file with torchvision's weights of the network, "pretrained" (a download), or the seed of a random trunk."""

NETS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}
"""The nets of Zhang et al. 2018 and torchvision's names for them."""


class Trunk(nn.Module):
    """A network that gives the features of its taps. It is always in evaluation mode: statistics of a batch,
    dropout and stochastic depth would make a distance depend on more than its two images.

    Args:
        net: "alex", "vgg", "squeeze", or torchvision's name of any classification network.
        weights: see `TrunkWeights`.
        taps: names of layers as `torchvision.models.feature_extraction` names them; what lies behind the last is
            cut off. None: see `default_taps`.

    Attributes:
        taps: names of the layers.
        channels: number of channels of each.

    Raises:
        BappsmithError: the net or a tap is unknown, a file does not fit, or a download fails.
    """

    def __init__(self, net: str, weights: TrunkWeights, taps: Sequence[str] | None = None) -> None:
        super().__init__()
        self.model = NETS.get(net, net)
        known = torchvision.models.list_models(module=torchvision.models)
        if self.model not in known:
            raise unknown_name("net", net, [*NETS, *known])
        # On "meta", nothing is allocated for what is cut off, and no global random state is read.
        with torch.device("meta"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some networks announce that their initialisation will change
            whole = torchvision.models.get_model(self.model, weights=None).eval()
        self.taps = tuple(taps) if taps is not None else default_taps(net, whole)
        self.tokens = isinstance(whole, torchvision.models.VisionTransformer)
        self.channels_at_end = isinstance(whole, torchvision.models.SwinTransformer)
        self.side = int(whole.image_size) if isinstance(whole, torchvision.models.VisionTransformer) else None
        cut = _cut(whole, self.model, self.taps)
        side = self.side or 64
        self.channels = tuple(tap.shape[1] for tap in self._maps(cut(torch.empty(1, 3, side, side, device="meta"))))
        self.cut = cut.to_empty(device="cpu")
        _copy_tables(self.model, self.cut)
        if isinstance(weights, int):
            initialise(self.cut, torch.Generator().manual_seed(weights))
        elif weights == "pretrained":
            self._load(_download(net, self.model), whole.state_dict(), f"torchvision's weights of {self.model}")
        else:
            self._load(read_state(weights, "trunk weights"), whole.state_dict(), f"trunk weights {weights}")
        self.cut.to(memory_format=torch.channels_last)  # up to twice as fast on a CPU
        self.train(False)

    def train(self, mode: bool = True) -> Trunk:
        """Stay in evaluation mode, whatever is asked for."""
        return super().train(False)

    def state(self) -> dict[str, Tensor]:
        """The weights under torchvision's names."""
        return {name.removeprefix("cut."): value for name, value in self.state_dict().items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Load what `state` gave.

        Raises:
            RuntimeError: names or shapes differ.
        """
        self.cut.load_state_dict(state)

    def _load(self, found: dict[str, Tensor], whole: dict[str, Tensor], origin: str) -> None:
        """Load what is needed; what is not (a classifier) may be there, as long as it is of this network."""
        # Counters of training steps, which old files lack and nothing here reads.
        wanted = {k: v for k, v in self.cut.state_dict().items() if not k.endswith("num_batches_tracked")}
        wrong = [k for k, v in wanted.items() if k not in found or found[k].shape != v.shape]
        foreign = [k for k, v in found.items() if k not in whole or whole[k].shape != v.shape]
        if wrong or foreign:
            what = f"{wrong[0]} is missing or of another shape" if wrong else f"{foreign[0]} is not of this network"
            raise BappsmithError(
                f"{origin} do not fit {self.model}: {what}; give the state dict of torchvision's {self.model}"
            )
        self.cut.load_state_dict({k: found.get(k, torch.tensor(0)) for k in self.cut.state_dict()})

    def forward(self, images: Tensor) -> list[Tensor]:
        """Features at every tap.

        Args:
            images: N×3×H×W float, scaled as the trunk expects. A vision transformer sees them enlarged or reduced to
                the size it was trained for, at which its embeddings of positions hold.

        Returns:
            One N×C×h×w tensor per tap; tokens of a transformer as a map, without the class token.

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
                f"images of {size[0]}×{size[1]} px are too small for {self.model}; 64×64 is what LPIPS is made for"
            ) from error

    def _maps(self, found: dict[str, Tensor]) -> list[Tensor]:
        taps = [found[name] for name in self.taps]
        if self.tokens:
            side = [int((tap.shape[1] - 1) ** 0.5) for tap in taps]
            return [tap[:, 1:].transpose(1, 2).unflatten(2, (s, s)) for tap, s in zip(taps, side, strict=True)]
        return [tap.movedim(3, 1) for tap in taps] if self.channels_at_end else taps


def default_taps(net: str, network: nn.Module) -> tuple[str, ...]:
    """Where a network is tapped unless told otherwise.

    AlexNet: every ReLU; SqueezeNet 1.1: the first ReLU and six Fire modules; VGG: the last ReLU of every block (for
    these three as in the reference implementation of Zhang et al. 2018). ResNet: the stem and the four
    stages; ConvNeXt: the four stages; EfficientNet: the last stage of each size; a vision transformer: its blocks at
    a quarter, half, three quarters and the whole of its depth. Those are ours.

    Raises:
        BappsmithError: none are known for the network.
    """
    models = torchvision.models
    if net in ("squeeze", "squeezenet1_1"):
        return tuple(f"features.{k}" for k in (1, 4, 7, 9, 10, 11, 12))
    if isinstance(network, models.AlexNet):
        return tuple(f"features.{k}" for k in (1, 4, 7, 9, 11))
    if isinstance(network, models.VGG):
        layers = list(network.features.children())
        return tuple(f"features.{k - 1}" for k, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d))
    if isinstance(network, models.ResNet):
        return ("relu", "layer1", "layer2", "layer3", "layer4")
    if isinstance(network, models.ConvNeXt):
        return tuple(f"features.{k}" for k in (1, 3, 5, 7))
    if isinstance(network, models.EfficientNet):
        return tuple(f"features.{k}" for k in (1, 2, 3, 5, len(network.features) - 2))
    if isinstance(network, models.VisionTransformer):
        depth = len(network.encoder.layers)
        return tuple(f"encoder.layers.encoder_layer_{depth * k // 4 - 1}" for k in (1, 2, 3, 4))
    names = [name for name, _ in network.named_modules() if name and name.count(".") < 2]
    raise BappsmithError(
        f"net '{net}' has no layers to compare by default; name them with --tap, such as {', '.join(names[:12])}"
    )


def _cut(whole: nn.Module, model: str, taps: tuple[str, ...]) -> nn.Module:
    if not taps or len(set(taps)) != len(taps):
        raise BappsmithError(f"taps are at least one layer of {model}, each named once; found {', '.join(taps)}")
    nodes = get_graph_node_names(whole)[1]
    for tap in taps:
        if not any(node == tap or node.startswith(f"{tap}.") for node in nodes):
            names = dict.fromkeys(".".join(node.split(".")[:depth]) for node in nodes for depth in (1, 2))
            raise unknown_name(f"layer of {model}", tap, list(names))
    # Layers that work in place would change a tap in front of them.
    for module in whole.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]
    return create_feature_extractor(whole, {tap: tap for tap in taps}, suppress_diff_warning=True)


def _copy_tables(model: str, cut: nn.Module) -> None:
    """Some transformers hold tables of positions, which their constructors compute, but not on "meta"."""
    tables = [
        f"{place}.{name}"
        for place, module in cut.named_modules()
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
