"""Images of one size."""

from __future__ import annotations

import numpy as np

from bappsmith.lpips.data.square import to_square


def test_an_image_of_the_size_is_not_changed():
    image = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    assert to_square(image, 20) is image


def test_the_whole_image_is_kept():
    image = np.zeros((40, 80, 3), np.uint8)
    image[:, 40:] = 200
    square = to_square(image, 16)
    assert (square.shape, square.dtype) == ((16, 16, 3), np.uint8)
    assert square[:, :6].max() == 0
    assert square[:, 10:].min() == 200
    assert to_square(image, 100).shape == (100, 100, 3)


def test_reduction_is_antialiased():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(to_square(stripes, 16)[:, 1:-1].astype(int) - 127).max() <= 2
