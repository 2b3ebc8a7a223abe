"""Choose triplets for people who see such a dataset for the first time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.schema.row import Row
from bappsmith.manifests.sealed_subset import SealedSubset

CLEAR = (0.8, 0.98)
"""Share of votes for the closer patch: clear, but not beyond doubt."""
SEEN = 0.35
"""Total severity of each side at least, so that both distortions are seen."""
CONTRAST = 30.0
"""Standard deviation of the reference at least, levels."""
LIGHT = 65.0
"""Mean of the reference at least, levels."""
CANDIDATES = 12
"""Triplets of a photograph, those of the largest crops, among which operators that were not shown yet decide."""


def choose_examples(subset: SealedSubset, each: int) -> list[int]:
    """Choose triplets of a subset by photograph, label, light, contrast and size of the crop. No metric has a say.

    Both distortions can be seen, and the label is clear. Large crops show what the photograph is of. Operators differ
    between the triplets. A photograph without such triplets gives others.

    Args:
        subset: a 2AFC subset of a finished dataset.
        each: number of triplets per photograph, at most.

    Returns:
        Positions in the subset, photographs in turn.
    """
    rows = list(subset.take(list(range(len(subset)))))
    shares = subset.labels().shares
    certainty = np.maximum(shares, 1 - shares)
    severity = np.array([min(row.plan.chain0.severity, row.plan.chain1.severity) for row in rows])
    side = np.array([row.crop.side for row in rows])
    light, contrast = _light_and_contrast(subset)
    seen = (severity >= SEEN) & (light >= LIGHT) & (contrast >= CONTRAST)
    fits = seen.astype(int) + ((certainty >= CLEAR[0]) & (certainty <= CLEAR[1]))
    of_photo: dict[str, list[int]] = {}
    for index in np.lexsort((-side, -fits)).tolist():
        of_photo.setdefault(rows[index].plan.photo, []).append(index)
    chosen: list[int] = []
    shown: set[str] = set()
    for _ in range(each):
        for photo in sorted(of_photo):
            left = of_photo[photo]
            if left:
                index = min(left[:CANDIDATES], key=lambda index: len(_operators(rows[index]) & shown))
                left.remove(index)
                shown |= _operators(rows[index])
                chosen.append(index)
    return chosen


def _operators(row: Row) -> set[str]:
    return {*row.plan.chain0.names, *row.plan.chain1.names}


def _light_and_contrast(subset: SealedSubset) -> NDArray[np.float64]:
    """Compute mean and standard deviation of each reference, averaged over channels, shape (2, N)."""
    everything = subset.storage.read(range(len(subset)))
    references = (subset.decode(item)["ref"] for item in everything)
    return np.array([(ref.mean(), ref.std(axis=(0, 1)).mean()) for ref in references]).T
