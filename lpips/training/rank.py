"""The small network that predicts a judgment from two distances."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
