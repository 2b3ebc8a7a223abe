"""The colour filter of a sensor, against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.functional.bayer import ALGORITHMS, PATTERNS, REACH, demosaic, mosaic
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


def test_a_mosaic_keeps_the_channel_of_its_pattern() -> None:
    raw = mosaic(PATCH, "GRBG")
    assert raw.shape == PATCH.shape[:2]
    assert np.array_equal(raw[::2, ::2], PATCH[::2, ::2, 1])
    assert np.array_equal(raw[::2, 1::2], PATCH[::2, 1::2, 0])
    assert np.array_equal(raw[1::2, ::2], PATCH[1::2, ::2, 2])
    assert np.array_equal(raw[1::2, 1::2], PATCH[1::2, 1::2, 1])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_uniform_colour_survives(pattern: str, algorithm: str) -> None:
    """It does only if OpenCV's names of patterns mean what ours mean: else channels would be mixed up."""
    colour = np.full((16, 17, 3), (200, 90, 30), np.uint8)
    assert np.array_equal(demosaic(mosaic(colour, pattern), pattern, algorithm), colour)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_bilinear_interpolation_is_the_mean_of_the_neighbours(pattern: str) -> None:
    raw = mosaic(PATCH.astype(np.uint16) * 257, pattern)
    result = demosaic(raw, pattern, "bilinear")
    row, column = divmod(pattern.index("R"), 2)
    row, column = row + 10, column + 10
    assert result[row, column, 0] == raw[row, column]
    around = raw[row - 1 : row + 2, column - 1 : column + 2].astype(float)
    assert result[row, column, 1] == pytest.approx(around[[0, 1, 1, 2], [1, 0, 2, 1]].mean(), abs=1)
    assert result[row, column, 2] == pytest.approx(around[::2, ::2].mean(), abs=1)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_interpolation_reaches_farther_than_stated(algorithm: str) -> None:
    raw = mosaic(PATCH, "RGGB")
    part = demosaic(raw[10:40, 12:44].copy(), "RGGB", algorithm)
    whole = demosaic(raw, "RGGB", algorithm)[10:40, 12:44]
    off = np.abs(part.astype(int) - whole)[REACH:-REACH, REACH:-REACH]
    # By its place in a row, OpenCV computes a pixel in a vector or alone; VNG then rounds one in 2,000 otherwise.
    assert off.max() <= (algorithm == "VNG")
    assert np.count_nonzero(off.any(axis=2)) <= 5
