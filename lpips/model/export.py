"""Metrics for the published `lpips` package."""

from __future__ import annotations

from pathlib import Path

import torch

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write

from .lpips import LPIPS

_SLICES = {
    "alex": (2, 5, 8, 10, 12),
    "vgg": (4, 9, 16, 23, 30),
    "squeeze": (2, 5, 8, 10, 11, 12, 13),
}
"""Its trunks are cut into slices; one ends before each of these layers of torchvision's `features`."""


def export_published(metric: LPIPS, path: str | Path) -> None:
    """Write a file for `lpips.LPIPS(net=…, model_path=path)` of the published package (0.1.4), which scores the same.

    The trunk is in it too, for a metric whose trunk was trained.

    Args:
        metric: of kind "lpips", with a trunk and taps of Zhang et al. 2018.
        path: of the file; it is put in place whole.

    Raises:
        BappsmithError: the published package has no such metric, or there is no folder for the file.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise BappsmithError(f"{path}: there is no folder {path.parent}; make it first")
    published = metric.net in _SLICES and metric.trunk.taps == tuple(f"features.{k - 1}" for k in _SLICES[metric.net])
    if not published or metric.distance != "lpips":
        raise BappsmithError(
            f"the published lpips package has alex, vgg and squeeze with their own taps and linear heads; this metric is "
            f"of net '{metric.net}' with taps {', '.join(metric.trunk.taps)} and distance '{metric.distance}'"
        )
    state = {name: value.cpu().clone() for name, value in metric.head_state().items()}
    for name, value in metric.trunk.state().items():
        layer = int(name.split(".")[1])
        number = 1 + sum(layer >= end for end in _SLICES[metric.net])
        state[f"net.slice{number}.{name.removeprefix('features.')}"] = value.cpu().clone()
    with atomic_write(path) as partial, partial.open("wb") as stream:
        torch.save(state, stream)  # given a path, it would write the name of the file into it
