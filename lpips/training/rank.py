"""The small network that predicts a judgment from two distances, and the losses that train LPIPS."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class RankNet(nn.Module):
    """Predicts the share of votes for p1 from d0 and d1 (Zhang et al. 2018, Section 3.3; reference code).

    Inputs (d0, d1, d0 - d1, d0 / (d1 + 0.1), d1 / (d0 + 0.1)) → 32 → 32 → 1, LeakyReLU(0.2) between
    layers, with biases: 1281 parameters.

    Args:
        generator: source of the initial weights.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        with torch.device("meta"):
            layers = nn.Sequential(
                nn.Linear(5, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)
            )
        self.layers = layers.to_empty(device="cpu")
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                bound = layer.in_features**-0.5  # PyTorch's own default for linear layers
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
                nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    def forward(self, d0: Tensor, d1: Tensor) -> Tensor:
        """Predict the share of votes for p1.

        Args:
            d0: distances of p0 from ref, shape (N,).
            d1: distances of p1 from ref, shape (N,).

        Returns:
            Logits of the share, shape (N,).
        """
        inputs = torch.stack((d0, d1, d0 - d1, d0 / (d1 + 0.1), d1 / (d0 + 0.1)), dim=1)
        return self.layers(inputs).squeeze(1)


def rank_loss(logits: Tensor, judge: Tensor) -> Tensor:
    """Compute the mean binary cross-entropy of the predicted share of votes for p1.

    Args:
        logits: of the predicted share, shape (N,).
        judge: judged share, shape (N,), in [0, 1].
    """
    return functional.binary_cross_entropy_with_logits(logits, judge)


def ordering_loss(d0: Tensor, d1: Tensor, judge: Tensor) -> Tensor:
    """Compute the mean binary cross-entropy of sigmoid(d0 - d1) against the judge (Pihlgren et al. 2023).

    The rank net can also learn a distance that is smaller for less similar images. This term is added while the 2AFC
    score of a batch is at most one half. It makes the distance larger for less similar images.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
    """
    return functional.binary_cross_entropy_with_logits(d0 - d1, judge)


def hinge_loss(d0: Tensor, d1: Tensor, judge: Tensor, margin: float) -> Tensor:
    """Compute the mean of |2·judge - 1| · max(0, margin - (d0 - d1)·sign(2·judge - 1)).

    The patch with more votes should be closer to ref by at least the margin. A triplet counts more if more votes agree,
    and not at all if votes are equal.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].
        margin: above 0, in units of distance.
    """
    votes = 2 * judge - 1
    return (votes.abs() * functional.relu(margin - (d0 - d1) * votes.sign())).mean()
