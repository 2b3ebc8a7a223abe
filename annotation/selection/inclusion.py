"""Samples of a fixed size in which every item has exactly the probability that it was given."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.philox import uniform_rows
from bappsmith.manifests.errors import BappsmithError

SMALLEST = 1e-12
"""Probabilities this close to 0 or 1 are rounding errors of sums."""


def inclusion_probabilities(sizes: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """Return probabilities in proportion to sizes, with sum `budget` and at most 1 each.

    π_i = min(1, c · size_i). Items whose share would be above 1 are taken for certain, and the others share the rest in
    proportion, until none is above 1 (Särndal, Swensson and Wretman 1992, Section 3.6.2).

    Args:
        sizes: at least 0, shape (N,).
        budget: sum of the probabilities, from 0 to the number of sizes above 0.

    Returns:
        Float64, shape (N,); 0 where the size is 0.

    Raises:
        BappsmithError: the budget is larger than the number of items that have a size above 0.

    Examples:
        >>> inclusion_probabilities(np.array([1.0, 1.0, 2.0, 12.0]), 2).tolist()
        [0.25, 0.25, 0.5, 1.0]
    """
    possible = int((sizes > 0).sum())
    if not 0 <= budget <= possible:
        raise BappsmithError(f"a budget of {budget:,} does not fit {possible:,} items to choose from; ask for fewer")
    order = np.argsort(-sizes, kind="stable")
    ordered = sizes[order]
    rest = np.cumsum(ordered[::-1])[::-1]  # the sum of this size and all smaller ones
    certain = 0
    while certain < budget and (budget - certain) * ordered[certain] >= rest[certain]:
        certain += 1
    probabilities = np.zeros(len(sizes))
    probabilities[order[:certain]] = 1.0
    if certain < budget:
        probabilities[order[certain:]] = (budget - certain) * ordered[certain:] / rest[certain]
    return probabilities


def systematic_sample(probabilities: NDArray[np.float64], key: str) -> NDArray[np.intp]:
    """Draw a sample of a fixed size with exact inclusion probabilities.

    Items stand in a random order on a line, each with the length of its probability. A comb with distance 1 and a
    random start hits every item with exactly its probability, and at most once (systematic sampling: Madow 1949; in
    random order: Hartley and Rao 1962). Order and start come from a counter-based generator, so a key always gives the
    same sample.

    Args:
        probabilities: in [0, 1], shape (N,); their sum is a whole number.
        key: any text.

    Returns:
        Positions of the chosen items, rising. Their number is the sum of the probabilities.
    """
    digest = hashlib.sha256(key.encode()).digest()
    first, second = (int.from_bytes(digest[k : k + 8], "little") for k in (0, 8))
    order = np.argsort(uniform_rows(first, range(len(probabilities)), 1)[:, 0], kind="stable")
    count = round(float(probabilities.sum()))
    ends = np.cumsum(probabilities[order])
    ends *= count / ends[-1] if count else 1.0  # the sum has rounding errors
    start = float(uniform_rows(second, [0], 1)[0, 0])
    hits = np.searchsorted(ends, start + np.arange(count), side="right")
    return np.sort(order[np.minimum(hits, len(order) - 1)])
