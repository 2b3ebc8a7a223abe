"""Value noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.value_noise import value_noise


def test_it_is_smooth_and_in_range() -> None:
    field = value_noise(1, (200, 150), (40.0, 10.0))
    assert np.abs(field).max() < 1
    # The steepest slope of the cubic is 1.5 per cell, of a difference of at most 2.
    assert np.abs(np.diff(field, axis=0)).max() < 2 * 1.5 * 2 / 50
    assert field.std() > 0.2


def test_cells_begin_anywhere() -> None:
    # At a fixed grid the variance would be larger at the corners of cells, at the same place of every field.
    fields = np.stack([value_noise(seed, (48, 48), (16.0,)) for seed in range(400)])
    along = fields.std(axis=0).mean(axis=0).reshape(3, 16).mean(axis=0)
    assert along.std() / along.mean() < 0.05


def test_a_larger_field_goes_on_around_the_same_middle() -> None:
    small, large = value_noise(9, (40, 31), (24.0, 6.0)), value_noise(9, (540, 431), (24.0, 6.0))
    assert np.allclose(large[250:290, 200:231], small, atol=1e-6)
    assert np.abs(np.diff(large, axis=1)).max() < 2 * 1.5 * 2 / 30  # it repeats itself without a seam
