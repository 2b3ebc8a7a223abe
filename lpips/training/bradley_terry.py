"""A model of choice with one learnt number, in place of the rank net."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

VISIBLE = 0.1
"""Distance around which equal steps stop to matter less and less; the same constant as in the rank net's inputs."""
_START = 4.0


class BradleyTerry(nn.Module):
    """Predicts the share of votes for p1 by Bradley and Terry (1952), with (d + 0.1)^s as the damage of a patch.

    P(p1) = (d0 + 0.1)^s / ((d0 + 0.1)^s + (d1 + 0.1)^s), so its logit is s · (ln(d0 + 0.1) - ln(d1 + 0.1)). The
    logarithm is compressive: above 0.1 the ratio of two distances counts (Weber), far below it their difference. s > 0
    says how sure observers are. It starts at 4: d0 = 0.2 against d1 = 0.1 gives P(p1) = 0.84. Only an increasing
    distance fits, so no term for the order is needed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_sureness = nn.Parameter(torch.tensor(math.log(_START)))

    def forward(self, d0: Tensor, d1: Tensor) -> Tensor:
        """Predict the share of votes for p1.

        Args:
            d0: distances of p0 from ref, shape (N,), at least 0.
            d1: distances of p1 from ref, shape (N,), at least 0.

        Returns:
            Logits of the share, shape (N,).
        """
        # Noise in place of dropout can make a distance slightly negative.
        logs = [torch.log(distance.clamp(min=0) + VISIBLE) for distance in (d0, d1)]
        return self.log_sureness.exp() * (logs[0] - logs[1])
