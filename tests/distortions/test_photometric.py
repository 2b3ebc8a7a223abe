"""Photometric operators against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform
from PIL import Image as PillowImage

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.functional.chroma import scale_chroma
from bappsmith.distortions.patches import natural_patches
from bappsmith.pipeline.judging.anchors import SHIPPED, read_anchors

PATCHES = natural_patches(12)
PATCH = PATCHES[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


@pytest.mark.parametrize("name", ["saturation", "desaturate"])
def test_no_saturation_is_luma(name: str) -> None:
    free = {"direction": "less"} if name == "saturation" else {}
    grey = operator(name).apply(PATCH, amount=1.0, **free)
    luma = PATCH @ np.array([0.299, 0.587, 0.114])
    assert largest_difference(grey, luma[..., None]) <= 1
    assert np.array_equal(grey, np.asarray(PillowImage.fromarray(grey).convert("L").convert("RGB")))


def test_more_saturation_spreads_channels_and_keeps_luma() -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    vivid = operator("saturation").apply(muted, direction="more", amount=2.5)
    chroma, before = np.ptp(vivid.astype(int), axis=2), np.ptp(muted.astype(int), axis=2)
    assert np.abs(chroma - 3.5 * before).max() <= 1
    assert largest_difference(vivid @ np.array([0.299, 0.587, 0.114]), muted @ np.array([0.299, 0.587, 0.114])) < 2


@pytest.mark.parametrize("gain", [0.0, 0.37, 0.8, 1.2, 3.5])
def test_chroma_is_scaled_as_in_the_definition_and_grey_is_kept(gain: float) -> None:
    for image in (PATCH, PATCH[:9, :11], natural_patches(1, size=131)[0]):  # sizes with and without a rest for SIMD
        luma = (image @ np.array([0.299, 0.587, 0.114]))[..., None]
        expected = np.clip(luma + gain * (image - luma), 0, 255)
        assert largest_difference(scale_chroma(image, gain), expected) <= 0.9  # factors in 1024ths, and rounding
        grey = image[..., :1].repeat(3, axis=2)
        assert np.array_equal(scale_chroma(grey, gain), grey)


@pytest.mark.parametrize("severity", [0.01, 0.25, 0.5, 0.75, 1.0])
def test_both_sides_of_saturation_start_mild_and_are_comparable_to_people(severity: float) -> None:
    anchors, damage = read_anchors(SHIPPED), {}
    for side in ("less", "more"):
        amount = operator("saturation").parameters["amount"].draw(severity, Draws(0), {"direction": side})
        damage[side], _ = anchors.damage("saturation", {"direction": side, "amount": amount}, 64) or (0.0, False)
        assert severity > 0.01 or 0 < damage[side] < 0.15
    assert damage["less"] == pytest.approx(damage["more"], rel=0.35)


@pytest.mark.parametrize("hue", [0.0, 77.0, 200.0, 340.0])
def test_color_shift_moves_chroma_and_keeps_luma(hue: float) -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)
    before = skimage.color.convert_colorspace(muted, "RGB", "YCbCr")
    after = skimage.color.convert_colorspace(operator("color_shift").apply(muted, amount=40.0, hue=hue), "RGB", "YCbCr")
    moved = (after - before).mean(axis=(0, 1))
    # scikit-image's Y spans 219 levels and its chroma 224, JFIF's all 255.
    assert abs(moved[0]) < 0.6
    assert moved[1] * 255 / 224 == pytest.approx(40 * math.cos(math.radians(hue)), abs=0.7)
    assert moved[2] * 255 / 224 == pytest.approx(40 * math.sin(math.radians(hue)), abs=0.7)


@pytest.mark.parametrize(("direction", "gain"), [("less", 1 / 3), ("more", 3.0)])
def test_contrast_scales_the_spread_about_the_mean(direction: str, gain: float) -> None:
    muted = (112 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    result = operator("contrast").apply(muted, factor=3.0, direction=direction)
    assert result.std() == pytest.approx(gain * muted.std(), rel=0.02)
    assert result.mean() == pytest.approx(muted.mean(), abs=0.5)


@pytest.mark.parametrize(("direction", "gain"), [("less", 1 / 6), ("less", 1 / 1.3), ("more", 1.3), ("more", 6.0)])
@pytest.mark.parametrize("size", [9, 64, 131])
def test_contrast_is_its_definition(direction: str, gain: float, size: int) -> None:
    image = natural_patches(1, size=size)[0]
    factor = gain if direction == "more" else 1 / gain
    expected = np.clip(image.mean() + gain * (image - image.mean()), 0, 255)
    assert largest_difference(operator("contrast").apply(image, factor=factor, direction=direction), expected) <= 0.65


@pytest.mark.parametrize("hue", [0.0, 45.0, 123.0, 300.0])
def test_color_shift_is_its_definition(hue: float) -> None:
    blue, red = 50 * math.cos(math.radians(hue)), 50 * math.sin(math.radians(hue))
    # ITU-T T.871, written as its inverse: Cb and Cr change by (blue, red), Y does not.
    forward = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    expected = np.clip(PATCH + np.linalg.solve(forward, [0, blue, red]), 0, 255)
    assert largest_difference(operator("color_shift").apply(PATCH, amount=50.0, hue=hue), expected) <= 0.51


def test_lightness_shift_adds_levels_and_clips() -> None:
    lighter = operator("lightness_shift").apply(PATCH, amount=40, direction="lighter")
    darker = operator("lightness_shift").apply(PATCH, amount=40, direction="darker")
    assert np.array_equal(lighter, np.minimum(PATCH.astype(int) + 40, 255))
    assert np.array_equal(darker, np.maximum(PATCH.astype(int) - 40, 0))
