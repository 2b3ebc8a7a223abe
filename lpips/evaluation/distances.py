"""Compute the distances of a whole subset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset

from .baselines import Metric


def distances(
    metric: Metric | torch.nn.Module,
    subset: PackedSubset,
    *,
    batch: int = 128,
    device: torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.float32], ...]:
    """Compute the distances of all pairs of a subset, without gradients.

    Args:
        metric: two float batches N×3×H×W in [-1, 1] → N distances, of any shape.
        subset: a loaded subset.
        batch: number of pairs at a time.
        device: device of the metric; default: the CPU.
        progress: called with (done, total).

    Returns:
        2AFC: (d0, d1), of p0 and p1 from ref; JND: (d,), of p1 from p0; float32, shape (N,).
    """
    pairs = (("ref", "p0"), ("ref", "p1")) if subset.kind == "2afc" else (("p0", "p1"),)
    columns: list[list[NDArray[np.float32]]] = [[] for _ in pairs]
    done = 0
    with torch.inference_mode():
        for images, labels in subset.batches(batch):
            moved = {name: image.to(device) for name, image in images.items()} if device else images
            for values, (first, second) in zip(columns, pairs, strict=True):
                values.append(metric(moved[first], moved[second]).reshape(-1).float().cpu().numpy())
            done += len(labels)
            if progress:
                progress(done, len(subset))
    return tuple(np.concatenate(values) for values in columns)
