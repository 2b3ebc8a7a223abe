"""Choose the layers of a network that are compared, and cut the network after the last of them."""

from __future__ import annotations

from torch import nn
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .first_convolution import FirstConvolution


def default_taps(net: str, network: nn.Module) -> tuple[str, ...]:
    """Return the default layers to compare.

    AlexNet: every ReLU; SqueezeNet 1.1: the first ReLU and six Fire modules; VGG: the last ReLU of every block (for
    these three as in the reference implementation of Zhang et al. 2018). ResNet: the stem and the four
    stages; ConvNeXt: the four stages; EfficientNet: the last stage of each size; vision transformer: its blocks at
    a quarter, half, three quarters and the whole of its depth. The choices from ResNet on are not published.

    Args:
        net: "alex", "vgg", "squeeze", or torchvision's name.
        network: the torchvision network.

    Raises:
        BappsmithError: the network has no default layers.
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
        f"net '{net}' has no default layers to compare; name them with --tap, such as {', '.join(names[:12])}"
    )


def cut(whole: nn.Module, model: str, taps: tuple[str, ...]) -> nn.Module:
    """Cut a network after its last tap.

    Args:
        whole: the torchvision network; it is changed.
        model: torchvision's name of it, for errors.
        taps: names of layers.

    Returns:
        A module that returns tap → features.

    Raises:
        BappsmithError: there is no tap, a tap is named twice, or a tap is unknown.
    """
    if not taps or len(set(taps)) != len(taps):
        raise BappsmithError(f"taps must be at least one layer of {model}, each named once; found {', '.join(taps)}")
    nodes = get_graph_node_names(whole)[1]
    for tap in taps:
        if not any(node == tap or node.startswith(f"{tap}.") for node in nodes):
            names = dict.fromkeys(".".join(node.split(".")[:depth]) for node in nodes for depth in (1, 2))
            raise unknown_name(f"layer of {model}", tap, list(names))
    # In-place layers would change the features of a tap before them.
    for module in whole.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]
    extractor = create_feature_extractor(whole, {tap: tap for tap in taps}, suppress_diff_warning=True)
    for path, module in list(extractor.named_modules()):
        if isinstance(module, nn.Conv2d) and FirstConvolution.fits(module):
            parent, _, name = path.rpartition(".")
            setattr(extractor.get_submodule(parent), name, FirstConvolution.of(module))
    return extractor
