"""All pairs of operators alike, whether the dataset has many items of them or few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Operators = tuple[str, str]
"""Names of the operators of p0's chain and of p1's, joined by "+" each; empty: no operator (p0 of JND)."""


def cover(operators: Sequence[Operators]) -> NDArray[np.float64]:
    """Return sizes that give every pair of operators the same share of the sample.

    An item belongs to every pair of an operator of p0's chain and one of p1's, in any order. Its size is the sum over
    its pairs of 1 / number of items of that pair.

    Args:
        operators: of N items.

    Returns:
        Shape (N,), above 0.
    """
    pairs = [_pairs(item) for item in operators]
    counts = Counter(pair for item in pairs for pair in item)
    return np.array([sum(1 / counts[pair] for pair in item) for item in pairs])


def _pairs(item: Operators) -> set[Operators]:
    first, second = (chain.split("+") for chain in item)
    return {(min(a, b), max(a, b)) for a in first for b in second}
