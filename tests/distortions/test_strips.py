"""Strips of an operator over rising severity."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions import Draws, operator
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.strips import severity_strip


def test_a_strip_shows_the_patch_and_its_distortions() -> None:
    patches = natural_patches(2, size=32)
    strip = severity_strip(operator("gaussian_blur"), patches, levels=(0.0, 0.5, 1.0))
    assert strip.dtype == np.uint8
    assert strip.ndim == 3
    enlarged = patches[0].repeat(4, 0).repeat(4, 1)  # to 128 px
    windows = np.lib.stride_tricks.sliding_window_view(strip, enlarged.shape)[:, :8, 0]
    assert (windows == enlarged).all(axis=(2, 3, 4)).any()


def test_a_strip_of_views_shows_real_surroundings() -> None:
    views = natural_views(1, size=128, margin=60)
    strip = severity_strip(operator("shift"), views, levels=(0.0, 1.0))
    op = operator("shift")
    expected = op(views[0], op.call(1.0, Draws(0), 128).params)
    assert np.array_equal(strip[-132:-4, 136:264], expected)
    assert not np.array_equal(expected, op(views[0].centre, op.call(1.0, Draws(0), 128).params))
