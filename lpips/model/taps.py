"""Which layers of a network are compared, and the network cut off behind the last of them."""

from __future__ import annotations

from torch import nn
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from bappsmith.manifests.errors import BappsmithError, unknown_name


def default_taps(net: str, network: nn.Module) -> tuple[str, ...]:
    """Where a network is tapped unless told otherwise.

    AlexNet: every ReLU; SqueezeNet 1.1: the first ReLU and six Fire modules; VGG: the last ReLU of every block (for
    these three as in the reference implementation of Zhang et al. 2018). ResNet: the stem and the four
    stages; ConvNeXt: the four stages; EfficientNet: the last stage of each size; a vision transformer: its blocks at
    a quarter, half, three quarters and the whole of its depth. Those are ours.

    Raises:
        BappsmithError: none are known for the network.
    """
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


def cut(whole: nn.Module, model: str, taps: tuple[str, ...]) -> nn.Module:
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
