"""Noise against its stated statistics."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize(
    "name", ["uniform_white_noise", "gaussian_white_noise", "blue_noise", "pink_noise", "violet_noise"]
)
def test_noise_has_the_stated_standard_deviation(name: str) -> None:
    grey = np.full((128, 128, 3), 128, np.uint8)
    residual = operator(name).apply(grey, sigma=20.0, noise_seed=4).astype(np.float64) - 128
    assert residual.std() == pytest.approx(20, rel=0.05)
    assert abs(residual.mean()) < 0.5


def test_named_noises_are_members_of_one_family() -> None:
    family = operator("gaussian_colored_noise")
    for name, beta in (("violet", -2.0), ("blue", -1.0), ("pink", 1.0), ("brown", 2.0)):
        named = operator(f"{name}_noise").apply(PATCH, sigma=20.0, noise_seed=9)
        assert np.array_equal(named, family.apply(PATCH, sigma=20.0, noise_seed=9, beta=beta))


@pytest.mark.parametrize("cell", [1, 2, 4])
def test_checkerboard_alternates_between_two_levels(cell: int) -> None:
    grey = np.full((32, 32, 3), 128, np.uint8)
    result = operator("checkerboard_artifact").apply(grey, amount=20.0, cell=cell)
    assert set(np.unique(result)) == {108, 148}
    assert (result[cell:] != result[:-cell]).all()
    assert (result[:, cell:] != result[:, :-cell]).all()
    assert np.array_equal(result[:, 2 * cell :], result[:, : -2 * cell])
