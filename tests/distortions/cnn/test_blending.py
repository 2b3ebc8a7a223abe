"""Between an image and what a network returns for it."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.cnn.blending import blend
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize(("strength", "expected"), [(0.0, PATCH), (1.0, np.full_like(PATCH, 128)), (2.0, None)])
def test_strength_goes_from_the_image_to_the_output_and_beyond(strength: float, expected: np.ndarray | None):
    grey = np.zeros(PATCH.shape, np.float32)  # 127.5 levels, which round to 128
    if expected is None:
        expected = np.clip(255 - PATCH.astype(int), 0, 255)
    assert (blend(PATCH, grey, strength) == expected).all()
