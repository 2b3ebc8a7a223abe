"""Make judgments of figures: preferences, probabilities, and votes from a stream of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.philox import uniform_rows
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import Kind

from .drop import INDISTINCT
from .judge import Figures, Judge
from .judged_items import JudgedItems

_compact = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would build an encoder for every value
DIGITS = 6
"""Decimals of the figures that a labelling shows. Judgments are made from the figures themselves."""

NUMBERS = 1 << 19
"""Random numbers that are drawn at a time: 4 MB."""


def measure(judge: Judge, items: JudgedItems) -> Figures:
    """Measure items on this worker.

    Raises:
        BappsmithError: the worker lacks a library that the judge needs.
    """
    try:
        return judge.measure(items)
    except ModuleNotFoundError as error:
        raise BappsmithError(
            f"judge {judge.name} needs {error.name}, which a worker does not have; install it on all workers"
        ) from error


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
    shares = probabilities.astype(np.float32).astype(np.float64)  # a BAPPS file holds float32
    if judge.votes:
        shares = _votes(vote_key(seed, subset, name), indices, probabilities, judge.votes) / judge.votes
    return Labelling(
        name,
        shares.astype(np.float64),
        np.full(count, judge.votes, np.int32),
        _sources(judge, figures, kind, count),
        preferences,
        probabilities,
        _dropped(judge, figures, kind, probabilities),
    )


def vote_key(seed: int, subset: str, labelling: str) -> int:
    """Return the 64-bit key of the votes of a labelling of a subset."""
    return int.from_bytes(hashlib.sha256(f"votes/{seed}/{subset}/{labelling}".encode()).digest()[:8], "little")


def _votes(key: int, indices: Sequence[int], probabilities: NDArray[np.float64], votes: int) -> NDArray[np.int64]:
    """Count the votes for p1, or for "the same", of every item; some items at a time, to bound memory."""
    step = max(1, NUMBERS // votes)
    counts = [
        (uniform_rows(key, indices[start : start + step], votes) < probabilities[start : start + step, None]).sum(
            axis=1
        )
        for start in range(0, len(indices), step)
    ]
    return np.concatenate(counts) if counts else np.zeros(0, np.int64)


def _dropped(judge: Judge, figures: Figures, kind: Kind, probabilities: NDArray[np.float64]) -> tuple[str, ...]:
    reasons = judge.drop(figures, kind) or ("",) * len(probabilities)
    if kind == "2afc" and judge.band > 0:
        near = np.abs(probabilities - 0.5) <= judge.band
        return tuple(reason or (INDISTINCT if one else "") for reason, one in zip(reasons, near, strict=True))
    return reasons


def _sources(judge: Judge, figures: Figures, kind: Kind, count: int) -> tuple[str, ...]:
    """Return judge, what it learnt and the figures of every item as JSON text."""
    learnt = {key: round(value, DIGITS) for key, value in judge.report(figures, kind).items()}
    facts = {"kind": judge.name, **({"learnt": learnt} if learnt else {})}
    shown = {key: values for key, values in sorted(figures.items()) if not key.startswith("_")}
    if not shown:
        return (_compact(facts),) * count
    # The text of a finite float is JSON, and one template is three times as fast as an encoder per item.
    template = _compact(facts)[:-1].replace("%", "%%")
    flat: list[NDArray[np.float64]] = []
    for key, values in shown.items():
        columns = values[:, None] if values.ndim == 1 else values
        numbers = ",".join(["%r"] * columns.shape[1])
        template += f",{_compact(key)}:" + (numbers if values.ndim == 1 else f"[{numbers}]")
        flat += list(np.round(columns, DIGITS).T)
    rows = zip(*(column.tolist() for column in flat), strict=True)
    return tuple((template + "}") % row for row in rows)
