"""The streams of `random.Draws` for many indices at once: Philox4x64-10 (Salmon et al., SC 2011) on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_Words = NDArray[np.uint64]
_MASK = (1 << 64) - 1
_MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
_ROUNDS = 10
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def uniform_rows(key: int, indices: Sequence[int], count: int) -> NDArray[np.float64]:
    """Return the first numbers that `Draws(key, index).uniform()` draws, for every index.

    Args:
        key: any integer; only its low 64 bits are used.
        indices: from 0.
        count: of numbers per index.

    Returns:
        Shape (N, count), in [0, 1).
    """
    second = np.asarray(indices, np.uint64)
    rows = np.empty((len(second), -(-count // 4) * 4))
    for block in range(rows.shape[1] // 4):
        for lane, words in enumerate(_block(key & _MASK, second, block + 1)):  # numpy counts before it draws
            rows[:, 4 * block + lane] = (words >> np.uint64(11)) * 2.0**-53
    return rows[:, :count]


def _block(first: int, second: _Words, counter: int) -> tuple[_Words, _Words, _Words, _Words]:
    zeros = np.zeros_like(second)
    c0, c1, c2, c3 = zeros + np.uint64(counter), zeros, zeros, zeros
    for step in range(_ROUNDS):
        key0 = np.uint64((first + step * _WEYL[0]) & _MASK)
        key1 = second + np.uint64(step * _WEYL[1] & _MASK)
        high0, low0 = _product(c0, _MULTIPLIERS[0])
        high1, low1 = _product(c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
    return c0, c1, c2, c3


def _product(words: _Words, multiplier: int) -> tuple[_Words, _Words]:
    """Return the high and low 64 bits of a product, by halves of 32 bits."""
    high, low = words >> _HALF, words & _LOW
    by_high, by_low = np.uint64(multiplier >> 32), np.uint64(multiplier & 0xFFFFFFFF)
    lows, cross0, cross1 = low * by_low, high * by_low, low * by_high
    middle = (lows >> _HALF) + (cross0 & _LOW) + cross1
    return high * by_high + (cross0 >> _HALF) + (middle >> _HALF), words * np.uint64(multiplier)
