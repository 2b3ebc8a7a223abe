"""The cells of the poster's table: backbone × its weights × distance of features."""

from __future__ import annotations

from typing import NamedTuple

BACKBONES = {
    "AlexNet, 4 layers": ("alex", ("features.1", "features.4", "features.7", "features.9")),
    "SqueezeNet, 4 Fire modules": ("squeeze", ("features.1", "features.3", "features.4", "features.6", "features.7")),
    "VGG16, 2 layers": ("vgg", ("features.1", "features.3")),
}
KINDS = ("pretrained", "random")
DISTANCES = {"cosine": "cosine", "lpips": "LPIPS", "fc": "LPIPS + fully connected"}


class Row(NamedTuple):
    """A cell of the table: name of the backbone, kind of its weights, distance."""

    backbone: str
    kind: str
    distance: str
