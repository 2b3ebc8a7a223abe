"""The six operators of contexts against scikit-image, colorsys and the published ranges."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


@pytest.mark.parametrize("sigma", [4.0, 10.0])
def test_context_blur_is_a_window_of_11_columns_and_21_rows(sigma: float) -> None:
    dot = np.zeros((41, 41, 3), np.uint8)
    dot[20, 20] = 255
    big = np.kron(dot[:, :, :1], np.ones((1, 1, 3))).astype(np.uint8)
    big[10:31, 10:31] = 255  # a block, so that rounding to levels does not hide the rim
    result = operator("context_blur")(big, {"sigma": sigma})
    rows, columns = np.nonzero(result[..., 0])
    assert (rows.min(), rows.max()) == (0, 40)
    assert columns.min() >= 5
    assert columns.max() <= 35


def test_context_darken_multiplies() -> None:
    assert largest_difference(operator("context_darken")(PATCH, {"brightness": 0.3}), 0.3 * PATCH) <= 0.5001


@pytest.mark.parametrize(("direction", "sign"), [("forward", 1), ("backward", -1)])
@pytest.mark.parametrize("hue_shift", [0.003, 0.1, 1 / 6, 0.25, 1 / 3, 0.43, 0.5])
def test_context_color_turns_the_hue_of_hsv(direction: str, sign: int, hue_shift: float) -> None:
    corners = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 255], [255, 255, 0], [9, 9, 8], [70, 70, 70]])
    noise = np.random.Generator(np.random.Philox(1)).integers(0, 256, (5, 7, 3))
    small = np.vstack([PATCH[::8, ::9][:, :7], corners[None], noise]).astype(np.uint8)
    expected = np.zeros(small.shape)
    for place in np.ndindex(small.shape[:2]):
        h, s, v = colorsys.rgb_to_hsv(*(small[place] / 255))
        expected[place] = colorsys.hsv_to_rgb((h + sign * hue_shift) % 1, s, v)
    result = operator("context_color")(small, {"hue_shift": hue_shift, "direction": direction})
    assert largest_difference(result, 255 * expected) <= 0.51


@pytest.mark.parametrize("hue_shift", [0.1, 0.5])
def test_context_color_keeps_value_saturation_and_grey(hue_shift: float) -> None:
    result = operator("context_color").apply(PATCH, hue_shift=hue_shift, direction="forward")
    assert np.array_equal(result.max(axis=2), PATCH.max(axis=2))
    assert np.array_equal(result.min(axis=2), PATCH.min(axis=2))
    grey = PATCH[..., :1].repeat(3, axis=2)
    assert np.array_equal(operator("context_color").apply(grey, hue_shift=hue_shift, direction="forward"), grey)


def test_context_blur_saturates_and_says_so() -> None:
    op, patches = operator("context_blur"), natural_patches(12)
    mild, severe = (
        np.median([np.std(op(patch, {"sigma": sigma}).astype(int) - patch) for patch in patches])
        for sigma in (4.0, 10.0)
    )
    assert severe / mild < 1.2  # while σ is 2.5 times as large
    assert op.saturates


def test_context_translate_covers_the_published_square_evenly() -> None:
    op, offsets = operator("context_translate"), []
    ramp = np.zeros((64, 64, 3), np.uint8)
    ramp[32, 32] = 255
    draws = Draws(0)
    for _ in range(3000):
        moved = op(ramp, op.sample(1 - draws.uniform(), draws))
        row, column = np.unravel_index(moved[..., 0].argmax(), (64, 64))
        offsets.append((row - 32, column - 32))
    # The dot itself leaves the patch only at the far rim.
    counts, _, _ = np.histogram2d(*np.array(offsets).T, bins=4, range=[[-32, 32], [-32, 32]])
    assert counts.min() > 130
    assert counts.max() < 250


@pytest.mark.parametrize("degrees", [37.0, 90.0, 180.0])
def test_context_rotate_is_scikit_images(degrees: float) -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    result = operator("context_rotate")(smooth, {"angle": degrees, "direction": "counterclockwise"})
    expected = skimage.transform.rotate(smooth, degrees, order=1, mode="reflect", preserve_range=True)
    assert np.abs(result - expected)[16:48, 16:48].max() < 3


def test_context_rotate_by_half_a_turn_is_exact() -> None:
    result = operator("context_rotate")(PATCH, {"angle": 180.0, "direction": "clockwise"})
    assert np.array_equal(result, PATCH[::-1, ::-1])


def test_context_zoom_enlarges_about_the_centre() -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    expected = skimage.transform.resize(smooth[16:48, 16:48], (64, 64), order=1, preserve_range=True)
    result = operator("context_zoom")(smooth, {"factor": 2.0})
    assert np.abs(result - expected)[4:-4, 4:-4].max() < 3
