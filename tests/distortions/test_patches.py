"""The patches that are always at hand, and the strips drawn of them."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.strips import severity_strip
from bappsmith.manifests.errors import BappsmithError


def test_patches_repeat_and_follow_their_seed() -> None:
    once, again, other = natural_patches(8), natural_patches(8), natural_patches(8, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(once, other, strict=True))
    assert all(p.shape == (64, 64, 3) and p.dtype == np.uint8 and p.std() >= 12 for p in once)


def test_patches_have_the_size_asked_for() -> None:
    assert natural_patches(2, size=40)[1].shape == (40, 40, 3)
    with pytest.raises(BappsmithError, match="size lies in"):
        natural_patches(1, size=4000)


def test_a_strip_shows_the_patch_and_its_distortions() -> None:
    patches = natural_patches(2, size=32)
    strip = severity_strip(operator("gaussian_blur"), patches, levels=(0.0, 0.5, 1.0))
    assert strip.dtype == np.uint8
    assert strip.ndim == 3
    enlarged = patches[0].repeat(2, 0).repeat(2, 1)
    windows = np.lib.stride_tricks.sliding_window_view(strip, enlarged.shape)[:, :8, 0]
    assert (windows == enlarged).all(axis=(2, 3, 4)).any()
