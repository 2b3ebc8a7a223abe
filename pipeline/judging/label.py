"""Make judgments of figures: preferences, probabilities, and votes from a stream of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import Kind

from .judge import Figures, Judge

_compact = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would build an encoder for every value
DIGITS = 6
"""Decimals of the figures that a labelling shows. Judgments are made from the figures themselves."""


def label(
    judge: Judge, figures: Figures, kind: Kind, indices: Sequence[int], *, name: str, seed: int, subset: str
) -> Labelling:
    """Judge items.

    Args:
        judge: the judge.
        figures: of the items, from `Judge.measure`.
        kind: of the subset.
        indices: positions of the items in the subset.
        name: of the labelling.
        seed: of the dataset. Votes come from a stream keyed by it, the subset, the labelling and the index; the plan
            of an item has another one.
        subset: path of the subset.

    Returns:
        Judgments with preference, probability and figures.

    Raises:
        BappsmithError: a figure or preference is not finite, or has another shape.
    """
    count = len(indices)
    for key, values in figures.items():
        if len(values) != count or not np.isfinite(values).all():
            raise BappsmithError(
                f"judge {judge.name} measured {key} of {subset} with a value that is missing or not finite; a judge "
                "returns one finite figure per item"
            )
    preferences = np.asarray(judge.prefer(figures, kind), np.float64)
    if preferences.shape != (count,) or not np.isfinite(preferences).all():
        raise BappsmithError(
            f"judge {judge.name} gives preferences of shape {preferences.shape} or not finite for {count} items of "
            f"{subset}; prefer returns one finite number per item"
        )
    probabilities = judge.probability(preferences)
    shares = probabilities
    if judge.votes:
        key = vote_key(seed, subset, name)
        shares = np.array(
            [_votes(Draws(key, i), p, judge.votes) for i, p in zip(indices, probabilities.tolist(), strict=True)]
        )
        shares = shares / judge.votes
    return Labelling(
        name,
        shares.astype(np.float64),
        np.full(count, judge.votes, np.int32),
        _sources(judge.name, figures, count),
        preferences,
        probabilities,
        judge.drop(figures, kind) or ("",) * count,
    )


def vote_key(seed: int, subset: str, labelling: str) -> int:
    """Return the 64-bit key of the votes of a labelling of a subset."""
    return int.from_bytes(hashlib.sha256(f"votes/{seed}/{subset}/{labelling}".encode()).digest()[:8], "little")


def _votes(draws: Draws, probability: float, votes: int) -> int:
    return sum(draws.uniform() < probability for _ in range(votes))


def _sources(judge: str, figures: Figures, count: int) -> tuple[str, ...]:
    """Return judge and figures of every item as JSON text."""
    if not figures:
        return (_compact({"kind": judge}),) * count
    keys = ["kind", *figures]
    columns = [np.round(values, DIGITS).tolist() for values in figures.values()]
    return tuple(_compact(dict(zip(keys, (judge, *values), strict=True))) for values in zip(*columns, strict=True))
