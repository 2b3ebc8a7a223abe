"""Overlays against hand-computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bappsmith.distortions import View, operator
from bappsmith.distortions.patches import natural_views

VIEW = natural_views(1, 64, 0)[0]


def test_color_block_covers_the_stated_share_with_plain_squares() -> None:
    black = View(np.zeros((64, 64, 3), np.uint8), 0, (64, 64))
    covered: list[float] = []
    for seed in range(20):
        params = {"share": 0.1, "opacity": 1.0, "block": 8, "blocks_seed": seed}
        result = operator("color_block")(black, params)
        covered.append(float(result.any(axis=2).mean()))
        colours = np.unique(result.astype(int) @ (1, 256, 65536))
        assert len(colours) <= 1 + 4 * 6  # 6 blocks in the patch, and what reaches in from its neighbours
    # Random places leave exp(−share) of the area free.
    assert np.mean(covered) == pytest.approx(1 - math.exp(-6 * 64 / 4096), abs=0.02)


def test_color_block_mixes_by_its_opacity() -> None:
    params = {"share": 0.2, "block": 8, "blocks_seed": 4}
    whole = operator("color_block")(VIEW, {**params, "opacity": 1.0})
    half = operator("color_block")(VIEW, {**params, "opacity": 0.5})
    assert np.abs(half - (whole.astype(float) + VIEW.centre) / 2).max() <= 0.5
