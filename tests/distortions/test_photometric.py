"""Photometric operators against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform
from PIL import Image as PillowImage

from bappsmith.distortions import Image, operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


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
    vivid = operator("saturation").apply(muted, amount=0.5, direction="more")
    chroma, before = np.ptp(vivid.astype(int), axis=2), np.ptp(muted.astype(int), axis=2)
    assert np.abs(chroma - 3.5 * before).max() <= 1
    assert largest_difference(vivid @ np.array([0.299, 0.587, 0.114]), muted @ np.array([0.299, 0.587, 0.114])) < 2


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


def test_lightness_shift_adds_levels_and_clips() -> None:
    lighter = operator("lightness_shift").apply(PATCH, amount=40.0, direction="lighter")
    darker = operator("lightness_shift").apply(PATCH, amount=40.0, direction="darker")
    assert np.array_equal(lighter, np.minimum(PATCH.astype(int) + 40, 255))
    assert np.array_equal(darker, np.maximum(PATCH.astype(int) - 40, 0))
