"""Exact filtering against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from bappsmith.distortions.functional.convolve import filter_levels, filter_light, offsets
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.view import View

(VIEW,) = natural_views(1, 32, 13)
RADII = [0, 1, 5, 6, 12]
"""From 6 on, the kernel is applied in bands."""


def kernel(radius: int) -> np.ndarray:
    """A kernel without any symmetry, some weights below 0, with the sum 1."""
    weights = np.random.Generator(np.random.Philox(radius)).uniform(-0.2, 1, (2 * radius + 1, 2 * radius + 1))
    return weights / weights.sum()


@pytest.mark.parametrize("radius", RADII)
def test_levels_are_scipys(radius: int) -> None:
    expected = scipy.ndimage.correlate(VIEW.image.astype(np.float64), kernel(radius)[..., None])
    result = filter_levels(VIEW, kernel(radius))
    assert result.shape == (32, 32, 3)
    assert np.abs(result - expected[13:-13, 13:-13].clip(0, 255)).max() <= 1


@pytest.mark.parametrize("radius", RADII)
def test_light_is_scipys(radius: int) -> None:
    light = (VIEW.image / np.float32(255)) ** np.float32(2.2)
    expected = scipy.ndimage.correlate(light.astype(np.float64), kernel(radius)[..., None])
    result = filter_light(View(light, 13, (32, 32)), kernel(radius))  # pyright: ignore[reportArgumentType]
    assert result.dtype == np.float32
    # A weight is rounded to 1/16384, by at most half of it.
    assert np.abs(result - expected[13:-13, 13:-13]).max() <= 1e-4 + 2e-5 * (2 * radius + 1)


def test_a_flat_image_stays_whatever_the_kernel() -> None:
    flat = np.full((60, 60, 3), 201, np.uint8)
    for radius in RADII:
        assert np.all(filter_levels(View(flat, 20, (20, 20)), 7 * kernel(radius)) == 201)


def test_offsets_are_distances_from_the_centre() -> None:
    x, y = offsets(2)
    assert x.tolist() == [[-2, -1, 0, 1, 2]]
    assert y.ravel().tolist() == [-2, -1, 0, 1, 2]
