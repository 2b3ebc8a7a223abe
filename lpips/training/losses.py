"""The losses that train LPIPS."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def vote_loss(logits: Tensor, judge: Tensor, weights: Tensor, lapses: Tensor) -> Tensor:
    """Compute the mean of w · -(y ln q + (1 - y) ln(1 - q)), with q = ε/2 + (1 - ε) · sigmoid(logit).

    y is the judged share. With w = n votes, an item's term is the negative binomial log-likelihood of its k = y·n
    votes, without the constant ln C(n, k). ε is the share of votes that are given at random: no item then costs more
    than -ln(ε/2) per vote.

    Args:
        logits: of the predicted share of votes for p1, shape (N,).
        judge: judged share y, shape (N,), in [0, 1].
        weights: w, shape (N,), at least 0.
        lapses: ε, shape (N,), in [0, 1).
    """
    if not lapses.any():
        return (weights * functional.binary_cross_entropy_with_logits(logits, judge, reduction="none")).mean()
    for_p1, for_p0 = (
        torch.logaddexp((lapses / 2).log(), (1 - lapses).log() + functional.logsigmoid(side))
        for side in (logits, -logits)
    )
    return -(weights * (judge * for_p1 + (1 - judge) * for_p0)).mean()


def ordering_loss(d0: Tensor, d1: Tensor, judge: Tensor, weights: Tensor) -> Tensor:
    """Compute the mean of w · the binary cross-entropy of sigmoid(d0 - d1) against the judge (Pihlgren et al. 2023).

    The rank net can also learn a distance that is smaller for less similar images. This term is added while the 2AFC
    score of a batch is at most one half. It makes the distance larger for less similar images.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        weights: w, shape (N,), at least 0.
    """
    return (weights * functional.binary_cross_entropy_with_logits(d0 - d1, judge, reduction="none")).mean()


def hinge_loss(d0: Tensor, d1: Tensor, judge: Tensor, margin: float, weights: Tensor) -> Tensor:
    """Compute the mean of w · |2·judge - 1| · max(0, margin - (d0 - d1)·sign(2·judge - 1)).

    The patch with more votes should be closer to ref by at least the margin. A triplet counts more if more votes agree,
    and not at all if votes are equal.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        margin: above 0, in units of distance.
        weights: w, shape (N,), at least 0.
    """
    votes = 2 * judge - 1
    return (weights * votes.abs() * functional.relu(margin - (d0 - d1) * votes.sign())).mean()
