"""Choose which items to ask people about, each with a known probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError

from .candidates import Candidates
from .inclusion import inclusion_probabilities, systematic_sample
from .mixture import Mixture
from .selection_file import Selection

FLOOR = 0.2
"""Least share of the budget that is drawn at random. The weight of no item is then above five times the mean. Chosen
here."""


def selection_probabilities(candidates: Candidates, budget: int, mixture: Mixture) -> NDArray[np.float64]:
    """Return the probability of every item to be chosen, shape (N,); their sum is the budget.

    Args:
        candidates: N items.
        budget: number of items to choose.
        mixture: what decides.

    Raises:
        BappsmithError: the budget is below 1 or larger than the number of items with a chance, or the mixture needs
            more metrics.
    """
    if budget < 1:
        raise BappsmithError(f"select: the budget is a number of items from 1, found {budget}")
    scores = mixture.scores(candidates.preferences, candidates.operators, candidates.asked)
    return inclusion_probabilities(mixture.sizes(scores), budget)


def select(candidates: Candidates, budget: int, mixture: Mixture, *, seed: int = 0) -> Selection:
    """Choose items.

    Args:
        candidates: N items.
        budget: number of items to choose.
        mixture: what decides.
        seed: of the draw. The same dataset, mixture, budget and seed give the same items.

    Returns:
        The chosen items, in the order of subsets and indices. Their probabilities are exact.

    Raises:
        BappsmithError: see `selection_probabilities`.
    """
    probabilities = selection_probabilities(candidates, budget, mixture)
    chosen = systematic_sample(probabilities, f"selection/{candidates.fingerprint}/{seed}")
    names = [subset.name for subset in candidates.subsets for _ in range(len(subset))]
    indices = np.concatenate([np.arange(len(subset)) for subset in candidates.subsets])
    scores = mixture.scores(candidates.preferences, candidates.operators, candidates.asked)
    if candidates.expected is not None:
        scores["expected"] = candidates.expected
    without_chance = candidates.asked & (probabilities == 0)
    return Selection(
        tuple(names[k] for k in chosen),
        indices[chosen].astype(np.int64),
        probabilities[chosen],
        {name: values[chosen] for name, values in scores.items()},
        {
            "by": dict(mixture.shares),
            "opinions": list(candidates.opinions),
            "budget": budget,
            "seed": seed,
            "dataset": candidates.fingerprint,
            "items": {subset.name: len(subset) for subset in candidates.subsets},
            "left_out": {"identical": int((~candidates.asked).sum()), "no_chance": int(without_chance.sum())},
        },
    )
