"""The loss that trains certified metrics."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 1e-9
"""Distances below this count as this."""
RADII = (36 / 255, 72 / 255, 108 / 255)
"""l2 radii of `radius_loss`, images in [0, 1]."""
SOFTNESS = 72 / 255
"""Width of its sigmoids, in the same unit."""


def ratio_loss(d0: Tensor, d1: Tensor, judge: Tensor, weights: Tensor) -> Tensor:
    """Compute the mean of w · the cross-entropy of the votes under P(p1) = d0 / (d0 + d1).

    That is the softplus of ±log(d0 / d1). It does not change if all distances are multiplied by a number, so it cannot
    be lowered by a larger Lipschitz constant.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        weights: w, shape (N,), at least 0.
    """
    log_ratio = d0.clamp(min=SMALLEST).log() - d1.clamp(min=SMALLEST).log()
    return (weights * functional.binary_cross_entropy_with_logits(log_ratio, judge, reduction="none")).mean()


def radius_loss(d0: Tensor, d1: Tensor, between: Tensor, judge: Tensor, weights: Tensor, squared: Tensor) -> Tensor:
    """Compute the mean of w · the votes that are not certified, smoothly, over `RADII`.

    With s, the radius of the reference, negative where p0 is closer, a vote for p1 counts sigmoid((ε - s) / `SOFTNESS`)
    and one for p0 sigmoid((ε + s) / `SOFTNESS`). Multiplying the embedding by a number does not change it.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        between: distances of p1 from p0, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        weights: w, shape (N,), at least 0.
        squared: L², a number.
    """
    radius = (d0 - d1) / (2 * (between.clamp(min=SMALLEST) * squared).sqrt())
    sizes = torch.tensor(RADII).to(radius)[:, None]
    lost = judge * ((sizes - radius) / SOFTNESS).sigmoid() + (1 - judge) * ((sizes + radius) / SOFTNESS).sigmoid()
    return (weights * lost.mean(dim=0)).mean()
