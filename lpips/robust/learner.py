"""What a training of a certified metric changes, and the distances of its triplets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn

from bappsmith.lpips.data.mixture import Mixture

from .columns import triplet_columns
from .dct_metric import POOLS, WIDTHS, DctMetric, squared_constant
from .sll_metric import SllMetric

POOLED_START = -4.0
"""Logarithm of the first weights of pooled moduli; that of coefficients is 0. The metric begins close to L2."""
LEAST_SCALE = 1e-6


class Learner(ABC):
    """A metric in training.

    Attributes:
        parameters: what the optimiser changes.
    """

    parameters: list[nn.Parameter]

    @abstractmethod
    def load(self, data: Mixture, progress: Callable[[int, int], None] | None) -> Callable[[Tensor], Tensor]:
        """Prepare triplets.

        Args:
            data: the triplets.
            progress: called with (done, total).

        Returns:
            A function from positions, shape (N,), to the distances of p0 and of p1 from ref, and of p1 from p0: 3×N.
        """

    @abstractmethod
    def squared_constant(self) -> Tensor:
        """Compute L², differentiably."""

    @abstractmethod
    def after_step(self) -> None:
        """Bring the metric up to date, and keep its weights where they are allowed."""


class DctLearner(Learner):
    """Trains the logarithms of the weights of a `DctMetric`, on columns that are computed once."""

    def __init__(self, metric: DctMetric) -> None:
        self.metric = metric
        start = [
            torch.full((width,), 0.0 if n == 1 else POOLED_START) for width, n in zip(WIDTHS, POOLS * 2, strict=True)
        ]
        self.logarithms = nn.Parameter(torch.cat(start))
        self.parameters = [self.logarithms]

    def load(self, data: Mixture, progress: Callable[[int, int], None] | None) -> Callable[[Tensor], Tensor]:
        """Compute the columns of all triplets."""
        columns = triplet_columns(self.metric, data, progress)
        return lambda positions: (columns[positions] @ self.logarithms.exp()).T

    def squared_constant(self) -> Tensor:
        """Compute L² of the weights."""
        return squared_constant(self.logarithms.exp())

    @torch.no_grad()
    def after_step(self) -> None:
        """Copy the weights into the metric."""
        self.metric.weights.copy_(self.logarithms.exp())


class SllLearner(Learner):
    """Trains all parameters of an `SllMetric`."""

    def __init__(self, metric: SllMetric) -> None:
        self.metric = metric
        self.parameters = list(metric.parameters())

    def load(self, data: Mixture, progress: Callable[[int, int], None] | None) -> Callable[[Tensor], Tensor]:
        """Return a function that runs the network."""

        def distances(positions: Tensor) -> Tensor:
            ref, p0, p1 = self.metric.embedding(data.take(positions)[0]).chunk(3)
            return torch.stack([(one - two).square().sum(dim=1) for one, two in ((ref, p0), (ref, p1), (p0, p1))])

        return distances

    def squared_constant(self) -> Tensor:
        """Compute L² of the scales."""
        return self.metric.squared_constant()

    @torch.no_grad()
    def after_step(self) -> None:
        """Keep scales above 0, where their square roots have gradients."""
        self.metric.scales.clamp_(min=LEAST_SCALE)
