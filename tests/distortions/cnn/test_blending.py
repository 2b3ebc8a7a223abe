"""Between an image and what a network returns for it."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.cnn.blending import blend
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_weight_goes_from_the_image_to_the_output(weight: float):
    output = np.random.default_rng(0).uniform(-1, 1, PATCH.shape).astype(np.float32)
    expected = (1 - weight) * PATCH.astype(float) + weight * (output.astype(float) + 1) * 127.5
    assert np.abs(blend(PATCH, output, weight) - expected).max() <= 0.501
