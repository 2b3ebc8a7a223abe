"""Why an item is not worth a label: the reasons that judges share. A labelling records and counts them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

IDENTICAL = "identical"
"""Both patches have the same pixels, so nobody can prefer one."""
UNSEEN = "unseen"
"""Both distortions are too weak to be seen, by the judge's own threshold."""
INDISTINCT = "indistinct"
"""The probability is within `Judge.band` of 1/2: nobody can tell which patch is closer."""


def first_reason(reasons: Mapping[str, NDArray[np.bool_]]) -> tuple[str, ...]:
    """Return the first reason that holds for every item, empty if none does.

    Args:
        reasons: reason → whether it holds, shape (N,); at least one.

    Examples:
        >>> first_reason({"identical": np.array([True, False, False]), "unseen": np.array([True, True, False])})
        ('identical', 'unseen', '')
    """
    columns = zip(*(holds.tolist() for holds in reasons.values()), strict=True)
    return tuple(next((name for name, one in zip(reasons, row, strict=True) if one), "") for row in columns)
