"""Patches with the same pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .judged_items import Images


def identical(images: Images) -> NDArray[np.float64]:
    """Return 1 for items whose p0 and p1 have the same pixels, 0 for others; float64, shape (N,)."""
    return (images["p0"] == images["p1"]).all(axis=(1, 2, 3)).astype(np.float64)
