"""Curves from levels to levels."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.functional.tone import apply_curve, levels, multiply_light, parabola
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


def test_a_curve_is_rounded() -> None:
    expected = np.rint(PATCH * 0.7123 + 40)
    assert np.array_equal(apply_curve(PATCH, 0.7123 * levels() + 40 / 255), expected)
    assert np.array_equal(apply_curve(PATCH, levels()), PATCH)


def test_light_by_table_is_light_by_pixel() -> None:
    gains = (1.9, 1.0, 0.3)
    assert np.array_equal(multiply_light(PATCH, gains), to_srgb(to_linear(PATCH) * np.array(gains, np.float32)))
    assert np.array_equal(multiply_light(PATCH, [0.7]), multiply_light(PATCH, [0.7, 0.7, 0.7]))
    assert np.array_equal(multiply_light(PATCH, [1]), PATCH)


def test_the_parabola_passes_through_its_points() -> None:
    assert np.allclose(parabola(np.array([0, 0.5, 1]), 0.7), [0, 0.7, 1])
    # Beyond 3/4 it would rise over 1.
    assert parabola(levels(), 0.9).max() == 1
