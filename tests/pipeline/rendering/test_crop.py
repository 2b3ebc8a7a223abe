"""Crops: averaged, interpolated, and the same with or without surroundings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.schema.triplet import Crop
from bappsmith.pipeline.rendering.crop import cut

PHOTOGRAPH = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)


def ramp(height: int, width: int) -> np.ndarray:
    """The sum of column and row."""
    levels = np.arange(width)[None, :] + np.arange(height)[:, None]
    return np.repeat(levels[..., None], 3, axis=2).astype(np.uint8)


@given(st.integers(8, 60), st.integers(8, 32), st.integers(0, 40), st.integers(0, 10), st.integers(0, 30))
def test_the_patch_does_not_depend_on_the_margin(side: int, patch: int, margin: int, y: int, x: int):
    side = max(side, patch)
    crop = Crop(min(y, 70 - side), x, side)
    around = cut(PHOTOGRAPH, crop, patch, margin)
    assert around.shape == (patch + 2 * margin, patch + 2 * margin, 3)
    assert np.array_equal(around[margin : margin + patch, margin : margin + patch], cut(PHOTOGRAPH, crop, patch, 0))


def test_a_crop_of_the_size_of_the_patch_is_copied_with_what_is_around_it():
    pixels = cut(PHOTOGRAPH, Crop(20, 30, 16), 16, 5)
    assert np.array_equal(pixels, PHOTOGRAPH[15:41, 25:51])
    pixels[...] = 0
    assert PHOTOGRAPH.any()


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_whole_factor_averages_squares(factor: int):
    pixels = cut(PHOTOGRAPH, Crop(3, 7, 12 * factor), 12, 0)
    squares = PHOTOGRAPH[3 : 3 + 12 * factor, 7 : 7 + 12 * factor].reshape(12, factor, 12, factor, 3)
    assert np.abs(pixels - squares.mean(axis=(1, 3))).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("side", [17, 21, 23, 25, 31, 37, 50])
def test_positions_are_those_of_the_middle_of_every_output_pixel(side: int):
    pixels = cut(ramp(80, 100), Crop(12, 15, side), 16, 3).astype(float)
    middle = (np.arange(-3, 19) + 0.5) * side / 16 - 0.5
    expected = (15 + middle)[None, :] + (12 + middle)[:, None]
    # Half a level for each of two roundings, and 1/64 px of position in both directions.
    assert np.abs(pixels[..., 0] - expected).max() <= 1 + 2 / 64 * round(side / 16)


def test_beyond_the_photograph_it_is_mirrored():
    pixels = cut(PHOTOGRAPH, Crop(0, 74, 16), 16, 6)
    mirrored = np.pad(PHOTOGRAPH, ((6, 6), (6, 6), (0, 0)), mode="reflect")
    assert np.array_equal(pixels, mirrored[0:28, 74:102])
    whole = cut(PHOTOGRAPH[:20, :20], Crop(0, 0, 20), 20, 70)
    assert np.array_equal(whole, np.pad(PHOTOGRAPH[:20, :20], ((70, 70), (70, 70), (0, 0)), mode="reflect"))
