"""Warps against scikit-image and closed forms."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform

from bappsmith.distortions import Image, operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


@pytest.mark.parametrize(
    ("angle", "dx", "dy"), [(0.0, 8, 0), (90.0, 0, 8), (180.0, -8, 0), (270.0, 0, -8), (45.0, 6, 6)]
)
def test_shift_moves_pixels_exactly(angle: float, dx: int, dy: int) -> None:
    result = operator("shift")(PATCH, {"distance": 8 / 64, "angle": angle})
    inner = slice(10, 54)
    assert np.array_equal(result[inner, inner], PATCH[10 - dy : 54 - dy, 10 - dx : 54 - dx])
    padded = np.pad(PATCH, ((8, 8), (8, 8), (0, 0)), mode="reflect")
    assert np.array_equal(result, padded[8 - dy : 72 - dy, 8 - dx : 72 - dx])


def test_affine_warp_is_the_stated_matrix() -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    # A pure turn to the side: x + 0.2 y, y − 0.2 x about the centre.
    result = operator("affine_warp")(smooth, {"amount": 0.1, "turn": 90.0, "stretch": 0.0, "blend": 0.0})
    matrix = np.array([[1, -0.2, 0], [0.2, 1, 0], [0, 0, 1]])
    centre = np.array([[1, 0, 31.5], [0, 1, 31.5], [0, 0, 1]])
    expected = skimage.transform.warp(
        smooth, centre @ matrix @ np.linalg.inv(centre), order=1, mode="reflect", preserve_range=True
    )
    assert np.abs(result - expected)[8:-8, 8:-8].max() < 3


def test_homography_is_the_one_through_four_corners() -> None:
    smooth, angles = cv2.GaussianBlur(PATCH, (0, 0), 2), (10.0, 100.0, 250.0, 300.0)
    result = operator("homography")(smooth, {"amount": 0.1, **{f"angle_{i}": angle for i, angle in enumerate(angles)}})
    corners = np.array([(-0.5, -0.5), (63.5, -0.5), (63.5, 63.5), (-0.5, 63.5)])
    moved = corners + 6.4 * np.array([(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in angles])
    through = skimage.transform.ProjectiveTransform.from_estimate(corners, moved)
    assert through
    expected = skimage.transform.warp(smooth, through, order=1, mode="reflect", preserve_range=True)
    assert np.abs(result - expected)[10:-10, 10:-10].max() < 3


@pytest.mark.parametrize("name", ["linear_warp", "cubic_warp"])
def test_knots_displace_by_no_more_than_stated(name: str) -> None:
    ramp = np.repeat(np.arange(10, 74, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    for seed in range(20):
        moved = operator(name)(ramp, {"amount": 0.1, "knots_seed": seed}).astype(int) - ramp
        # Cubics overshoot their knots: by a factor of 1.5 at most, on both axes together.
        assert 1 <= np.abs(moved).max() <= 6.4 * (1 if name == "linear_warp" else 1.6) + 1


def test_ghosting_of_equal_halves_is_the_mean_of_two() -> None:
    result = operator("ghosting")(PATCH, {"opacity": 0.5, "distance": 8 / 64, "angle": 0.0})
    expected = (PATCH[:, 8:].astype(float) + PATCH[:, :-8]) / 2
    assert largest_difference(result[:, 8:], expected) <= 0.5


def test_chromatic_aberration_moves_red_and_blue_apart() -> None:
    result = operator("chromatic_aberration")(PATCH, {"distance": 4 / 64, "angle": 0.0})
    assert np.array_equal(result[:, 4:, 0], PATCH[:, :-4, 0])
    assert np.array_equal(result[..., 1], PATCH[..., 1])
    assert np.array_equal(result[:, :-4, 2], PATCH[:, 4:, 2])
