"""All items alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def random(count: int) -> NDArray[np.float64]:
    """Return the size 1 for every item, shape (count,)."""
    return np.ones(count)
