"""Export metrics for the published `lpips` package."""

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
"""Layers of torchvision's `features` at which the published package cuts a trunk into slices."""


def export_published(metric: LPIPS, path: str | Path) -> None:
    """Write a file for `lpips.LPIPS(net=…, model_path=path)` of the published package (0.1.4).

    The published package then gives the same distances. The file includes the trunk, because it may be trained.

    Args:
        metric: of form "local" and distance "lpips", with a trunk and taps of Zhang et al. 2018.
        path: of the file. It appears when it is complete.

    Raises:
        BappsmithError: the published package cannot load such a metric, or the folder of the file does not exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise BappsmithError(f"{path}: folder {path.parent} does not exist; make it first")
    if metric.forms != ("local",):
        raise BappsmithError(
            f"this metric has form {', '.join(metric.forms)}, and the published lpips package only has weights for "
            "differences of features at the same position (form local); train with --form local alone to export"
        )
    published = metric.net in _SLICES and metric.trunk.taps == tuple(f"features.{k - 1}" for k in _SLICES[metric.net])
    if not published or metric.distance != "lpips":
        raise BappsmithError(
            "the published lpips package needs alex, vgg or squeeze with their default taps and linear heads; this "
            f"metric has net '{metric.net}' with taps {', '.join(metric.trunk.taps)} and distance '{metric.distance}'"
        )
    state = {name: value.cpu().clone() for name, value in metric.head_state().items()}
    for name, value in metric.trunk.state().items():
        layer = int(name.split(".")[1])
        number = 1 + sum(layer >= end for end in _SLICES[metric.net])
        state[f"net.slice{number}.{name.removeprefix('features.')}"] = value.cpu().clone()
    with atomic_write(path) as partial, partial.open("wb") as stream:
        torch.save(state, stream)  # given a path, torch would write the file name into the file
