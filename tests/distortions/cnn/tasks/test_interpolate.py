"""What networks that interpolate frames learn from."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.cnn.tasks.interpolate import TASK
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.random import Draws


def test_pairs_hold_the_mean_both_frames_and_the_patch():
    crop = natural_views(1, 32, TASK.margin)[0].image
    spec = TASK.spec(0, 0, 0, features=False, steps=(1, 2))
    given, patch = TASK.pair(spec, crop, Draws(5))
    assert given.shape == (32, 32, spec.inputs)
    assert np.array_equal(patch, crop[24:-24, 24:-24])
    assert np.abs(given[..., :3] - (given[..., 3:6] + given[..., 6:]) / 2).max() < 1 / 127
    assert np.abs(given[..., 3:6] - given[..., 6:]).max() > 0.05
    assert spec.residual
