"""Correlated noise: its variance and its correlation are those of the kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from bappsmith.distortions.functional.correlated_field import correlated_field


@pytest.mark.parametrize("width", [0.4, 1.0, 2.0])
def test_noise_is_of_unit_variance_and_correlated_like_its_kernel(width: float) -> None:
    field = correlated_field(5, (200, 180, 3), width)
    assert field.shape == (200, 180, 3)
    assert field.dtype == np.float32
    assert field.std() == pytest.approx(1, rel=0.05)
    # White noise through a filter has the filter's correlation with itself: here two Gaussians make one, √2 wider.
    impulse = np.zeros(31)
    impulse[15] = 1
    kernel = gaussian_filter1d(impulse, width, radius=math.ceil(3 * width))
    expected = (kernel[1:] * kernel[:-1]).sum() / (kernel * kernel).sum()
    for axis in (0, 1):
        pairs = np.moveaxis(field, axis, 0)
        assert (pairs[1:] * pairs[:-1]).mean() == pytest.approx(expected, abs=0.05)


def test_noise_is_as_strong_on_the_border_as_elsewhere() -> None:
    corners = np.array([correlated_field(seed, (8, 8, 1), 2.0)[0, 0, 0] for seed in range(600)])
    assert corners.std() == pytest.approx(1, rel=0.1)


def test_channels_are_independent() -> None:
    field = correlated_field(1, (128, 128, 3), 1.0).reshape(-1, 3)
    assert np.abs(np.corrcoef(field.T) - np.eye(3)).max() < 0.05
