"""Blurred 16-bit fields against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from bappsmith.distortions.functional.integer_gaussian import integer_gaussian

FIELD = np.random.Generator(np.random.Philox(5)).integers(0, 65536, (90, 70), dtype=np.uint16)


@pytest.mark.parametrize("sigma", [0.5, 1.3, 1.9])
def test_small_blurs_are_gaussian(sigma: float) -> None:
    expected = ndimage.gaussian_filter(FIELD.astype(np.float64), sigma, mode="mirror", truncate=3)
    # The weights are whole 65536ths.
    assert np.abs(integer_gaussian(FIELD, sigma) - expected).max() < 130


@pytest.mark.parametrize("sigma", [2.0, 2.7, 5.3, 20.0])
def test_large_blurs_have_the_right_width(sigma: float) -> None:
    impulse = np.zeros((1, 401), np.uint16)
    impulse[0, 200] = 65535
    response = integer_gaussian(impulse, sigma)[0].astype(np.float64)
    assert response.sum() == pytest.approx(65535, rel=0.01)
    assert np.array_equal(response, response[::-1])
    spread = np.sqrt((response * (np.arange(401) - 200) ** 2).sum() / response.sum())
    assert spread == pytest.approx(sigma, rel=0.02)


def test_a_constant_stays() -> None:
    for sigma in (1.0, 12.0):
        assert (integer_gaussian(np.full((40, 30, 2), 12345, np.uint16), sigma) == 12345).all()
