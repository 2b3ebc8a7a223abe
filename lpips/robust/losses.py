"""The loss that trains certified metrics."""

from __future__ import annotations

import torch
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


def lost_share(d0: Tensor, d1: Tensor, between: Tensor, judge: Tensor, squared_constant: Tensor) -> Tensor:
    """Compute a smooth share of the votes that a change of ref by `LOST_AT` could lose, averaged over the three sizes.

    With the signed radius r, positive where the votes agree, it is the mean of sigmoid((ε - r) / `SMOOTH`).

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        between: distances of p1 from p0, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        squared_constant: L², a number.
    """
    signed = (d0 - d1) / (2 * (between * squared_constant).clamp(min=SMALLEST).sqrt())
    sizes = signed.new_tensor(LOST_AT)[:, None]
    lost_if_p1 = torch.sigmoid((sizes - signed) / SMOOTH)
    lost_if_p0 = torch.sigmoid((sizes + signed) / SMOOTH)
    return (judge * lost_if_p1 + (1 - judge) * lost_if_p0).mean()


LOST_AT = (36 / 255, 72 / 255, 108 / 255)
SMOOTH = 0.1
"""Sizes of changes, and the width of the step between held and lost, in the unit of images in [0, 1]."""
