"""CIELAB against scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.color

from bappsmith.distortions.functional.cielab import from_roots, map_chroma, map_roots, to_roots
from bappsmith.distortions.patches import natural_patches

COLOURS = np.random.Generator(np.random.Philox(3)).integers(0, 256, (64, 64, 3), dtype=np.uint8)
GREYS = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)


def test_roots_are_those_of_scikit_image() -> None:
    x, y, z = np.moveaxis(to_roots(COLOURS), 2, 0)
    lab = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2)
    # The matrices differ in the fourth digit.
    assert np.abs(lab - skimage.color.rgb2lab(COLOURS)).max() < 0.06


def test_images_survive_the_way_there_and_back() -> None:
    back = from_roots(to_roots(COLOURS))
    assert np.abs(back.astype(int) - COLOURS).max() <= 1
    assert (back != COLOURS).mean() < 0.01
    assert np.array_equal(from_roots(to_roots(GREYS)), GREYS)


@pytest.mark.parametrize("matrix", [((0.5, 0.0), (0.0, 0.5)), ((0.8, -0.6), (0.6, 0.8)), ((1.5, 0.0), (0.0, 0.2))])
def test_chroma_is_mapped_as_in_the_definition(matrix: tuple[tuple[float, float], tuple[float, float]]) -> None:
    muted = (96 + natural_patches(1)[0] // 4).astype(np.uint8)  # no colour leaves sRGB
    lab = skimage.color.rgb2lab(muted)
    expected = np.dstack([lab[..., :1], lab[..., 1:] @ np.array(matrix).T])
    result = map_chroma(muted, matrix)
    assert np.abs(result - np.rint(255 * skimage.color.lab2rgb(expected))).max() <= 1
    assert np.array_equal(map_chroma(GREYS, matrix), GREYS)


def test_colours_outside_of_srgb_are_clipped_in_linear_light() -> None:
    red = np.full((1, 8, 3), (230, 40, 30), np.uint8)
    vivid = map_chroma(red, ((6, 0), (0, 6)))
    # The opponent channels are negative light: 0. Red is beyond white.
    assert vivid[0, 0].tolist() == [255, 0, 0]


def test_strips_make_no_difference() -> None:
    tall = np.random.Generator(np.random.Philox(4)).integers(0, 256, (300, 257, 3), dtype=np.uint8)
    assert np.array_equal(map_roots(tall, lambda roots: roots), from_roots(to_roots(tall)))
