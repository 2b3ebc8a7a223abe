"""The loss that trains certified metrics."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

SMALLEST = 1e-9
"""Distances below this count as this."""


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


def contraction(d0: Tensor, d1: Tensor, squared_constant: Tensor) -> Tensor:
    """Compute log L - ½ · the mean of log((d0 + d1) / 2).

    It says how much shorter the embedding makes the differences of a dataset than its Lipschitz constant would allow.
    Radii are shorter by the same factor. Multiplying the embedding by a number does not change it.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        squared_constant: L², a number.
    """
    return 0.5 * (squared_constant.log() - ((d0 + d1) / 2).clamp(min=SMALLEST).log().mean())
