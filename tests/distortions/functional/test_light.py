"""Linear light: the transfer function of the standard, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.functional.light import STEPS, to_linear, to_srgb

LEVELS = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 256, 3)


def test_every_level_survives_the_way_there_and_back() -> None:
    assert np.array_equal(to_srgb(to_linear(LEVELS)), LEVELS)


def test_light_is_that_of_the_standard() -> None:
    # IEC 61966-2-1: a line below .04045, then a power of 2.4. Level 188 is about half of the light of white.
    light = to_linear(LEVELS)[0, :, 0]
    assert light.dtype == np.float32
    assert light[[0, 255]].tolist() == [0, 1]
    assert light[10] == pytest.approx(10 / 255 / 12.92, rel=1e-6)
    assert light[11] == pytest.approx(((11 / 255 + 0.055) / 1.055) ** 2.4, rel=1e-6)
    assert light[188] == pytest.approx(0.5029, abs=1e-4)


def test_light_agrees_with_scikit_image() -> None:
    from skimage.color import rgb2xyz

    # The Y row of the matrix sums to 1, so that Y of a grey is its linear light.
    assert to_linear(LEVELS)[0, :, 0] == pytest.approx(rgb2xyz(LEVELS)[0, :, 1], abs=1e-6)


def test_light_between_two_levels_gets_the_nearest() -> None:
    light = np.random.Generator(np.random.Philox(0)).uniform(0, 1, (64, 64, 3)).astype(np.float32)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055) * 255
    assert np.abs(to_srgb(light) - encoded).max() <= 0.5 + 1 / 40
    assert np.iinfo(np.uint16).max == STEPS


def test_light_beyond_black_and_white_is_clipped() -> None:
    assert to_srgb(np.array([[[-0.5, 1.5, 1e30]]], np.float32)).tolist() == [[[0, 255, 255]]]
