"""Mixtures of ways to select: what share of the budget each decides about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .closeness import closeness
from .cover import Operators, cover
from .disagreement import disagreement
from .information import information
from .random import random

RANDOM = "random"
OF_PREFERENCES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "closeness": closeness,
    "disagreement": disagreement,
    "information": information,
}
"""Method → sizes of items from the preferences of metrics."""
METHODS = (RANDOM, *OF_PREFERENCES, "cover")
LEAST_METRICS = {"closeness": 1, "disagreement": 2, "information": 2}
"""Method → number of metrics that it needs."""


@dataclass(frozen=True)
class Mixture:
    """Shares of the budget by method.

    Attributes:
        shares: method → share, above 0; their sum is 1.
    """

    shares: dict[str, float]

    @classmethod
    def parse(cls, text: str, floor: float = 0.0) -> Mixture:
        """Parse a method, such as "disagreement", or a mixture, such as "disagreement=.5,cover=.3,random=.2".

        Weights are scaled to sum to 1. If random's share is then below `floor`, it is raised to it, and the others
        share the rest in proportion.

        Args:
            text: the mixture.
            floor: least share of random, in [0, 1].

        Raises:
            BappsmithError: a method is unknown or named twice, a weight is not a number above 0, or the floor is not
                in [0, 1].
        """
        if not 0 <= floor <= 1:
            raise BappsmithError(f"the random floor is a share of the budget, from 0 to 1, found {floor:g}")
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, _, weight = (word.strip() for word in part.partition("="))
            if name not in METHODS:
                raise unknown_name("way to select", name, METHODS)
            if name in weights:
                raise BappsmithError(f"'{text}' names {name} twice; name every way to select once")
            weights[name] = _weight(weight, text)
        total = sum(weights.values())
        shares = {name: weight / total for name, weight in weights.items()}
        if shares.get(RANDOM, 0.0) >= floor:
            return cls(shares)
        others = 1 - shares.pop(RANDOM, 0.0)
        raised = {name: (1 - floor) * share / others for name, share in shares.items() if floor < 1}
        return cls({**raised, RANDOM: floor})

    def __str__(self) -> str:
        return ",".join(f"{name}={share:g}" for name, share in self.shares.items())

    @property
    def least_metrics(self) -> int:
        """Number of metrics that it needs."""
        return max(LEAST_METRICS.get(name, 0) for name in self.shares)

    def scores(
        self, preferences: NDArray[np.float64], operators: Sequence[Operators], asked: NDArray[np.bool_]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the score of every item by every method of this mixture, shape (N,) each.

        Args:
            preferences: standardised preferences, shape (N, M); M may be 0 if `least_metrics` is.
            operators: of the N items.
            asked: whether an item may be asked about, shape (N,). Others get the score 0.

        Raises:
            BappsmithError: there are fewer metrics than a method needs.
        """
        for name in self.shares:
            if preferences.shape[1] < LEAST_METRICS.get(name, 0):
                raise BappsmithError(
                    f"{name} needs at least {LEAST_METRICS[name]} metrics, found {preferences.shape[1]}; name more of "
                    "them with --metric"
                )
        scores = {name: OF_PREFERENCES[name](preferences) for name in self.shares if name in OF_PREFERENCES}
        if RANDOM in self.shares:
            scores[RANDOM] = random(len(operators))
        if "cover" in self.shares:
            scores["cover"] = cover(operators)
        return {name: np.where(asked, scores[name], 0.0) for name in self.shares}

    def sizes(self, scores: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return Σ over methods of share · score / sum of scores, shape (N,).

        A method that finds nothing, such as disagreement where all metrics agree, leaves its share to the others.
        """
        parts = [
            self.shares[name] * values / values.sum() if values.sum() > 0 else np.zeros_like(values)
            for name, values in scores.items()
        ]
        return np.sum(parts, axis=0)


def _weight(text: str, mixture: str) -> float:
    try:
        weight = float(text or "1")
    except ValueError:
        weight = np.nan
    if not 0 < weight < np.inf:
        raise BappsmithError(
            f"'{mixture}': a weight is a number above 0, found '{text}'; write disagreement=.7,random=.3"
        )
    return weight
