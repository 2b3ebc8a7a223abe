"""Random lattices and spline noise, against scipy's splines."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from bappsmith.distortions.functional.spline_noise import lattice, spline_noise


def test_a_larger_lattice_has_the_same_numbers_in_its_middle() -> None:
    small, large = lattice(5, 3, 2), lattice(5, 6, 2)
    assert small.shape == (2, 7, 7)
    assert np.array_equal(large[:, 3:-3, 3:-3], small)
    assert len(np.unique(small)) > 90


def test_a_smooth_field_is_the_b_spline_of_its_lattice() -> None:
    cell, phase = 5.0, (0.25, 0.7)
    field = spline_noise((31, 22), 9, cell, phase, 1)[0]
    reach = 7  # ceil(31 / 10) + 3
    knots = lattice(9, reach, 1)[0].astype(float)

    def weights(length: int, start: float) -> np.ndarray:
        position = (np.arange(length) - (length - 1) / 2) / cell + start
        spline = BSpline.basis_element(np.arange(-2, 3), extrapolate=False)
        return np.nan_to_num(spline(position[:, None] - np.arange(-reach, reach + 1)[None, :]))

    expected = weights(31, phase[0]) @ knots @ weights(22, phase[1]).T
    assert np.abs(field - expected).max() < 1e-5


def test_a_smooth_field_does_not_depend_on_its_surroundings() -> None:
    small, large = (spline_noise((side, side), 2, 6.5, (0.1, 0.9), 2) for side in (40, 90))
    assert np.abs(large[:, 25:-25, 25:-25] - small).max() < 1e-5


def test_a_smooth_field_is_centred_and_has_the_stated_root_mean_square() -> None:
    fields = np.stack([spline_noise((64, 64), seed, 8.0, (0.5, 0.2), 1) for seed in range(30)])
    assert np.abs(fields).max() < 1
    assert abs(fields.mean()) < 0.03
    assert np.sqrt((fields**2).mean()) == pytest.approx(0.277, rel=0.05)
