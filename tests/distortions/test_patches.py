"""The patches that are always at hand."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.manifests.errors import BappsmithError


def test_patches_repeat_and_follow_their_seed() -> None:
    once, again, other = natural_patches(8), natural_patches(8), natural_patches(8, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(once, other, strict=True))
    assert all(p.shape == (64, 64, 3) and p.dtype == np.uint8 and p.std() >= 12 for p in once)


def test_patches_have_the_size_asked_for() -> None:
    assert natural_patches(2, size=40)[1].shape == (40, 40, 3)
    with pytest.raises(BappsmithError, match="size must be in"):
        natural_patches(1, size=4000)


def test_views_have_surroundings_and_follow_their_seed() -> None:
    once, again, other = natural_views(6, 64, 72), natural_views(6, 64, 72), natural_views(6, 64, 72, seed=1)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(once, again, strict=True))
    assert not any(np.array_equal(a.image, b.image) for a, b in zip(once, other, strict=True))
    for view in once:
        assert view.image.shape == (208, 208, 3)
        assert (view.margin, view.patch, view.shape) == (72, (64, 64), (64, 64))
        assert view.centre.std() >= 12
        assert not view.image.flags.writeable


def test_surroundings_are_real_where_the_photograph_is_large_enough() -> None:
    for view in natural_views(10, 64, 72):
        image = view.image.astype(int)
        axis = view.margin
        mirrored = np.abs(image[axis - 8 : axis] - image[axis + 1 : axis + 9][::-1]).mean()
        assert mirrored > 1


def test_surroundings_are_mirrored_where_the_photograph_ends() -> None:
    cat = natural_views(2, 300, 150)[1]  # a photograph of 300 rows: its own resolution, and no row above or below
    assert cat.image.shape == (600, 600, 3)
    for i in range(1, 151):
        assert np.array_equal(cat.image[150 - i], cat.image[150 + i])
        assert np.array_equal(cat.image[449 + i], cat.image[449 - i])
    with pytest.raises(BappsmithError, match=r"size must be in \[8, 300\]"):
        natural_views(1, size=301)
