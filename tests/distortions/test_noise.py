"""Noise against its stated statistics."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Draws, Image, operator
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


@pytest.mark.parametrize(
    ("name", "beta"),
    [("violet", -2.0), ("blue", -1.0), ("gaussian_white", 0.0), ("pink", 1.0), ("brown", 2.0)],
)
def test_named_noises_are_members_of_one_family(name: str, beta: float) -> None:
    family, named = operator("gaussian_colored_noise"), operator(f"{name}_noise")
    for severity in (0.1, 0.5, 1.0):
        sigma = family.parameters["sigma"].draw(severity, Draws(0), {"beta": beta})
        assert sigma == named.draw(severity, Draws(0))["sigma"]
    if beta:  # white noise is drawn in another way
        expected = named.apply(PATCH, sigma=20.0, noise_seed=9)
        assert np.array_equal(expected, family.apply(PATCH, sigma=20.0, noise_seed=9, beta=beta))


def test_between_two_named_noises_sigma_is_between_theirs() -> None:
    sigma, betas = operator("gaussian_colored_noise").parameters["sigma"], np.arange(-2, 2.5, 0.5)
    for severity in (0.1, 0.5, 1.0):
        ends = [sigma.draw(severity, Draws(0), {"beta": float(beta)}) for beta in betas]
        assert np.allclose(ends[1::2], (np.array(ends[:-1:2]) + ends[2::2]) / 2, rtol=0.02)


def test_drawn_exponents_are_those_of_the_grid() -> None:
    op = operator("gaussian_colored_noise")
    drawn = {op.sample(0.5, Draws(key))["beta"] for key in range(200)}
    assert drawn == set(np.arange(-2, 2.5, 0.5))


def checkerboard(image: Image, amount: int = 20, cell: int = 4, row_phase: int = 0, column_phase: int = 0) -> Image:
    phases = {"row_phase": row_phase, "column_phase": column_phase}
    return operator("checkerboard_artifact").apply(image, amount=amount, cell=cell, **phases)


@pytest.mark.parametrize("cell", [1, 2, 4])
@pytest.mark.parametrize("phase", [0, 3, 7])
def test_checkerboard_alternates_between_two_levels(cell: int, phase: int) -> None:
    grey = np.full((32, 33, 3), 128, np.uint8)
    result = checkerboard(grey, cell=cell, row_phase=phase, column_phase=2)
    assert set(np.unique(result)) == {108, 148}
    assert (result[cell:] != result[:-cell]).all()
    assert (result[:, cell:] != result[:, :-cell]).all()
    assert np.array_equal(result[:, 2 * cell :], result[:, : -2 * cell])


def test_checkerboard_is_its_definition_and_clips() -> None:
    rows, columns = np.indices(PATCH.shape[:2])
    sign = ((rows + 5) // 2 + (columns + 6) // 2) % 2 * 2 - 1
    expected = np.clip(PATCH.astype(int) + 60 * sign[..., None], 0, 255)
    assert np.array_equal(checkerboard(PATCH, amount=60, cell=2, row_phase=5, column_phase=6), expected)


def test_the_pattern_of_a_checkerboard_starts_anywhere() -> None:
    """A pattern that always starts at the corner is one that a metric can subtract without looking."""
    grey, op = np.full((40, 40, 3), 128, np.uint8), operator("checkerboard_artifact")
    whole = checkerboard(grey)
    assert np.array_equal(checkerboard(grey, row_phase=3, column_phase=6)[:34, :34], whole[3:37, 6:40])
    lighter = np.mean([op.apply(grey, **op.sample(0.5, Draws(key))) > 128 for key in range(800)], axis=0)
    assert np.abs(lighter - 0.5).max() < 0.1
