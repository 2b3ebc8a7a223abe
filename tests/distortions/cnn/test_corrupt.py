"""What is done to the input of a network."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.spec import Corruption
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize("kind", ["white_noise", "pink_noise", "color_removal", "downsampling"])
def test_corruption_grows_with_its_amount(kind: Corruption):
    plain = corrupt(PATCH, "none", 0.5, 0)
    assert (plain == PATCH.astype(np.float32) / np.float32(127.5) - 1).all()
    errors = [np.abs(corrupt(PATCH, kind, amount, 3) - plain).mean() for amount in (0.0, 0.2, 0.4, 0.7)]
    assert errors[0] == 0
    assert (np.diff(errors) > 0).all()
    if kind.endswith("noise"):
        assert (corrupt(PATCH, kind, 0.3, 1) != corrupt(PATCH, kind, 0.3, 2)).any()
