"""Blurs against scikit-image and by hand."""

from __future__ import annotations

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


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.2])
def test_gaussian_blur_is_scikit_images(sigma: float) -> None:
    expected = skimage.filters.gaussian(PATCH.astype(np.float64), sigma, mode="mirror", truncate=4, channel_axis=2)
    assert largest_difference(operator("gaussian_blur")(PATCH, {"sigma": sigma}), expected) <= 2.5


def test_bilateral_blur_spares_a_strong_edge() -> None:
    step = np.zeros((32, 32, 3), np.uint8)
    step[:, 16:] = 255
    assert largest_difference(operator("bilateral_blur")(step, {"sigma_color": 30.0}), step) <= 1
    assert largest_difference(operator("bilateral_blur")(step, {"sigma_color": 600.0}), step) > 20
