"""Strips of an operator over rising severity."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions import operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.strips import severity_strip


def test_a_strip_shows_the_patch_and_its_distortions() -> None:
    patches = natural_patches(2, size=32)
    strip = severity_strip(operator("gaussian_blur"), patches, levels=(0.0, 0.5, 1.0))
    assert strip.dtype == np.uint8
    assert strip.ndim == 3
    enlarged = patches[0].repeat(2, 0).repeat(2, 1)
    windows = np.lib.stride_tricks.sliding_window_view(strip, enlarged.shape)[:, :8, 0]
    assert (windows == enlarged).all(axis=(2, 3, 4)).any()
