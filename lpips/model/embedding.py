"""Metrics as embeddings: vectors whose squared Euclidean distance is the distance of the metric."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError

from .forms import Form, head_shapes, prepare, widths

if TYPE_CHECKING:
    from .lpips import LPIPS

EMBEDDED: tuple[Form, ...] = ("local", "mean")
"""Forms that are squared differences of features. The others divide by what both images have."""


def is_embedding(metric: LPIPS) -> bool:
    """Whether the distance of a metric is a squared Euclidean distance of vectors."""
    return _obstacle(metric) is None


def refuse_no_embedding(metric: LPIPS) -> None:
    """Refuse a metric whose distance is no squared Euclidean distance of vectors.

    Raises:
        BappsmithError: it has another form than "local" and "mean", a fully connected head, a map, or weights that are
            NaN, infinite or below 0.
    """
    obstacle = _obstacle(metric)
    if obstacle is not None:
        raise BappsmithError(f"this metric is no embedding: {obstacle}")


def _obstacle(metric: LPIPS) -> str | None:
    others = [form for form in metric.forms if form not in EMBEDDED]
    if others:
        return f"form '{others[0]}' is no squared distance of features; use forms 'local' and 'mean'"
    if metric.spatial:
        return "it is spatial and gives maps; use spatial=False"
    if metric.fc is not None:
        return "it has a fully connected head (distance 'fc'); use distance 'lpips' or 'cosine'"
    names, taps = head_shapes(metric.forms, metric.trunk.channels), cycle(metric.trunk.taps)
    for name, tap, weights in zip(names, taps, metric.scaled_heads(), strict=False):
        bad = (~weights.isfinite() | (weights < 0)).nonzero()
        if len(bad):
            channel = int(bad[0])
            return (
                f"its head {name}, of layer {tap}, has {weights[channel]:.6g} at channel {channel}; weights must be "
                "finite and at least 0, load other heads"
            )
    return None


def embed(metric: LPIPS, activations: Sequence[Tensor]) -> Tensor:
    """Compute the vectors of images; see `LPIPS.embedding`.

    Args:
        metric: an embedding.
        activations: N×C×h×w features as the trunk gives them, one tensor per tap.
    """
    weights = metric.scaled_heads() or [
        torch.ones(width, device=activations[0].device) for width in widths(metric.forms, metric.trunk.channels)
    ]
    maps = [tap for taps in prepare(activations, metric.forms).values() for tap in taps]
    scales = (
        (weight / (part.shape[2] * part.shape[3])).sqrt()[:, None, None]
        for part, weight in zip(maps, weights, strict=True)
    )
    return torch.cat([(part * scale).flatten(1) for part, scale in zip(maps, scales, strict=True)], dim=1)
