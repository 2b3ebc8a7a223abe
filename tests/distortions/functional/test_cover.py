"""Cover parts of an image."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.cover import cover
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]
OPACITY = np.random.Generator(np.random.Philox(2)).uniform(-0.5, 1, (64, 64)).clip(0).astype(np.float32)


def test_a_colour_is_mixed_in_by_light() -> None:
    colour = np.array([0.9, 0.1, 0.4], np.float32)
    light = to_linear(PATCH)
    expected = to_srgb((light + (colour - light) * OPACITY[..., None]).astype(np.float32))
    assert np.array_equal(cover(PATCH, OPACITY, colour), expected)
    assert np.array_equal(cover(PATCH, OPACITY, np.broadcast_to(colour, PATCH.shape)), expected)


def test_nothing_covered_is_a_copy() -> None:
    mirrored = PATCH[:, ::-1]
    result = cover(mirrored, np.zeros((64, 64), np.float32), np.ones(3, np.float32))
    assert np.array_equal(result, mirrored)
    assert not np.shares_memory(result, PATCH)
