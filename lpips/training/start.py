"""Begin a training with the heads of an earlier one."""

from __future__ import annotations

from pathlib import Path

import torch

from bappsmith.lpips.model.checkpoint import load_lpips
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def start_from(metric: LPIPS, path: str | Path) -> None:
    """Give a metric the heads of a checkpoint, which were trained on the same trunk.

    Args:
        metric: with heads, which are replaced.
        path: a checkpoint.

    Raises:
        BappsmithError: the file is not a checkpoint, or its net, layers, trunk, forms or kind of distance differ from
            those of the metric.
    """
    theirs = load_lpips(path)
    trunk, their_trunk = metric.trunk.state(), theirs.trunk.state()
    same_trunk = trunk.keys() == their_trunk.keys() and all(
        torch.equal(value, their_trunk[name]) for name, value in trunk.items()
    )
    rules = (
        ("net", metric.net, theirs.net),
        ("layers", ", ".join(metric.trunk.taps), ", ".join(theirs.trunk.taps)),
        ("version", metric.version, theirs.version),
        ("distance", metric.distance, theirs.distance),
        ("forms", ", ".join(metric.forms), ", ".join(theirs.forms)),
        ("trunk", "that of the training", "that of the training" if same_trunk else "another one"),
    )
    for what, wanted, there in rules:
        if wanted != there:
            raise BappsmithError(
                f"{path}: a training can start from heads whose {what} is {wanted}, found {there}; give the settings "
                "and trunk weights that the checkpoint was trained with"
            )
    metric.load_heads(theirs.head_state(), f"the heads of {path}")
