"""Networks that nobody trained."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions import Draws, operator
from bappsmith.distortions.patches import natural_patches

PATCHES = natural_patches(6)


def test_numbers_are_networks_and_the_output_keeps_mean_and_contrast():
    op = operator("untrained_network")
    numbers = {int(op.sample(0.5, Draws(k))["network"]) for k in range(300)}
    assert min(numbers) >= 0
    assert len(numbers) > 100
    for k, patch in enumerate(PATCHES):
        result = op.apply(patch, strength=1.0, network=k)
        assert (result != op.apply(patch, strength=1.0, network=k + 1)).any()
        assert np.abs(result.mean(axis=(0, 1)) - patch.mean(axis=(0, 1))).max() < 20  # values are clipped to [-1, 1]
        assert np.abs(result.std(axis=(0, 1)) - patch.std(axis=(0, 1))).max() < 20
