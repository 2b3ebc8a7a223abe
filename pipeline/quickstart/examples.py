"""Choose triplets for people who see such a dataset for the first time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bappsmith.manifests.sealed_subset import SealedSubset

CLEAR = (0.8, 0.98)
"""Share of votes for the closer patch: clear, but not beyond doubt."""
SEEN = 0.35
"""Total severity of each side at least, so that both distortions are seen."""
REFERENCE = "ref"


def choose_examples(subset: SealedSubset, each: int) -> list[int]:
    """Choose triplets of a subset by photograph, label and contrast. No metric has a say.

    Both distortions can be seen, the label is clear, and operators differ between the triplets. Of those that are left,
    the reference with the most contrast is taken. A photograph without such a triplet gives its clearest ones.

    Args:
        subset: a 2AFC subset of a finished dataset.
        each: number of triplets per photograph, at most.

    Returns:
        Positions in the subset, photographs in turn.
    """
    shares = subset.labels().shares
    certainty = np.maximum(shares, 1 - shares)
    indices = np.arange(len(subset))
    rows = subset.take_columns(indices.tolist())
    severity = np.array([min(row["severity0"], row["severity1"]) for row in rows])
    operators = [{*f"{row['operators0']}+{row['operators1']}".split("+")} for row in rows]
    contrast = _contrast(subset)
    fits = (certainty >= CLEAR[0]) & (certainty <= CLEAR[1]) & (severity >= SEEN)
    of_photo: dict[str, list[int]] = {}
    for index in np.lexsort((-contrast, ~fits)).tolist():
        of_photo.setdefault(rows[index]["photo"], []).append(index)
    chosen: list[int] = []
    shown: set[str] = set()
    for _ in range(each):
        for photo in sorted(of_photo):
            left = of_photo[photo]
            if left:
                index = min(left[:_CANDIDATES], key=lambda index: len(operators[index] & shown))
                left.remove(index)
                shown |= operators[index]
                chosen.append(index)
    return chosen


_CANDIDATES = 12
"""Triplets of a photograph with the most contrast, among which operators that were not shown yet decide."""


def _contrast(subset: SealedSubset) -> np.ndarray:
    """Compute the standard deviation over the pixels of each reference, mean over channels."""
    everything: Sequence[int] = range(len(subset))
    return np.array(
        [subset.decode(item)[REFERENCE].std(axis=(0, 1)).mean() for item in subset.storage.read(everything)]
    )
