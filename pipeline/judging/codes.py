"""Texts as numbers, so that figures can say which group an item belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def code(text: str) -> float:
    """Return a whole number below 2^48 for a text: the first bits of its sha256. It is the same in every process."""
    return float(int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "little"))


def codes(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Return the codes of N pairs of texts, float64, shape (N, 2)."""
    known = {text: code(text) for text in {text for pair in pairs for text in pair}}
    return np.array([(known[first], known[second]) for first, second in pairs], np.float64).reshape(-1, 2)
