"""The patches that are always at hand."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.patches import natural_patches
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
