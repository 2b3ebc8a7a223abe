"""What the weights of the fixed embedding multiply, computed once for a whole training."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from bappsmith.lpips.data.mixture import Mixture

from .dct_metric import DctMetric

BATCH = 100
"""Triplets at a time."""


def triplet_columns(metric: DctMetric, data: Mixture, progress: Callable[[int, int], None] | None = None) -> Tensor:
    """Compute the columns of all triplets: of p0 and of p1 from ref, and of p1 from p0.

    Args:
        metric: its weights do not matter.
        data: the triplets.
        progress: called with (done, total).

    Returns:
        Float32 N×3×720, 8.6 kB per triplet.
    """
    rows = []
    with torch.inference_mode():
        for positions in torch.arange(len(data)).split(BATCH):
            ref, p0, p1 = data.take(positions)[0].chunk(3)
            parts = [metric.parts(images) for images in (ref, p0, p1)]
            pairs = ((parts[0], parts[1]), (parts[0], parts[2]), (parts[1], parts[2]))
            rows.append(torch.stack([_squared(one, two) for one, two in pairs], dim=1))
            if progress:
                progress(int(positions[-1]) + 1, len(data))
    return torch.cat(rows).clone()  # outside of inference mode, so that gradients may use it


def _squared(one: list[Tensor], two: list[Tensor]) -> Tensor:
    columns = [(first - second).square().sum(dim=(2, 3)) for first, second in zip(one, two, strict=True)]
    return torch.cat(columns, dim=1)
