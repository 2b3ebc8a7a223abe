"""The camera: what it keeps, and its noise."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.functional.bayer import ALGORITHMS, PATTERNS
from bappsmith.distortions.patches import natural_views

CLEAN = {
    "photons": 1e9,
    "exposure": 0.0,
    "balance_error": 0.0,
    "balance_hue": 0.0,
    "red_gain": 2.1,
    "blue_gain": 1.7,
    "overlap": 0.5,
    "algorithm": "edge-aware",
    "pattern": "GRBG",
    "denoising": 0.5,
    "sharpening": 0.5,
    "noise_seed": 3,
}


def uniform(*colour: int) -> Image:
    return np.full((40, 41, 3), colour, np.uint8)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("pitch", [0.4, 1.0, 1.9])
def test_demosaicing_keeps_a_uniform_colour(pitch: float, algorithm: str) -> None:
    for pattern in PATTERNS:
        params = {"pitch": pitch, "algorithm": algorithm, "pattern": pattern, "row_phase": 0.9, "column_phase": 0.6}
        image = uniform(210, 80, 40)
        assert np.abs(operator("demosaicing")(image, params).astype(int) - image).max() <= 1


@pytest.mark.parametrize("pitch", [0.3, 0.5, 1.0, 1.9])
def test_demosaicing_does_not_move_the_picture(pitch: float) -> None:
    view = natural_views(1, 64, 24)[0]
    params = {"pitch": pitch, "algorithm": "bilinear", "pattern": "RGGB", "row_phase": 0.8, "column_phase": 0.8}
    result = operator("demosaicing")(view, params)[..., 1].astype(float)

    def difference(down: int, right: int) -> float:
        moved = view.image[24 + down : 88 + down, 24 + right : 88 + right, 1]
        return float(((result - moved) ** 2).mean())

    here = difference(0, 0)
    assert all(here < difference(down, right) for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)))


def test_a_finer_sensor_sees_more() -> None:
    view = natural_views(1, 64, 24)[0]
    errors = []
    for severity in (0.001, 0.5, 1.0):
        result = operator("demosaicing")(view, operator("demosaicing").sample(severity, Draws(1)))
        errors.append(float(np.abs(result.astype(float) - view.centre).mean()))
    assert errors[0] < 1.5
    assert errors[0] < errors[1] < errors[2]


@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 128, 128), (255, 255, 255), (200, 90, 40), (20, 60, 180)])
def test_without_noise_and_errors_a_colour_comes_back(colour: tuple[int, int, int]) -> None:
    """Filters, gains, sensor, matrix and transfer function undo each other. Chroma of 8 bits rounds at the end."""
    image = uniform(*colour)
    assert np.abs(operator("sensor_pipeline")(image, CLEAN).astype(int) - image).max() <= 3


def test_grey_stays_grey_if_the_balance_is_right_and_not_if_it_is_wrong() -> None:
    image = uniform(120, 120, 120)
    right = operator("sensor_pipeline")(image, CLEAN).astype(int)
    assert np.ptp(right, axis=2).max() <= 1
    red = operator("sensor_pipeline")(image, {**CLEAN, "balance_error": 0.08}).astype(int)
    blue = operator("sensor_pipeline")(image, {**CLEAN, "balance_error": 0.08, "balance_hue": 90.0}).astype(int)
    assert (red[..., 0] > red[..., 2] + 3).all()
    assert (blue[..., 2] > blue[..., 0] + 3).all()


def test_a_stop_doubles_the_light_and_white_saturates() -> None:
    # Level 188 has half of the light of white.
    result = operator("sensor_pipeline")(uniform(137, 137, 137), {**CLEAN, "exposure": 1.0})
    assert np.abs(result.astype(int) - 188).max() <= 1
    assert (operator("sensor_pipeline")(uniform(250, 250, 250), {**CLEAN, "exposure": 1.0}) == 255).all()


def test_noise_falls_as_the_root_of_the_photons() -> None:
    grey = np.full((64, 64, 3), 188, np.uint8)
    params = {**CLEAN, "overlap": 0.0, "sharpening": 0.0, "denoising": 0.0}
    noise = [
        (operator("sensor_pipeline")(grey, {**params, "photons": photons})[..., 1].astype(float) - 188).std()
        for photons in (300.0, 1200.0)
    ]
    assert noise[0] / noise[1] == pytest.approx(2, rel=0.1)
