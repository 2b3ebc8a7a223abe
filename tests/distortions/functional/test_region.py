"""Regions: share of the patch, soft edge, and form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.functional.region import KINDS, Region, region_mask


@given(
    kind=st.sampled_from(KINDS),
    area=st.floats(0.1, 0.9),
    edge=st.floats(0.5, 12),
    seed=st.integers(0, 2**53 - 1),
    around=st.integers(0, 40),
    height=st.integers(16, 90),
    width=st.integers(16, 90),
)
def test_a_region_covers_its_share_of_the_patch(
    kind: str, area: float, edge: float, seed: int, around: int, height: int, width: int
) -> None:
    mask = region_mask((height + 2 * around, width + 2 * around), (height, width), Region(kind, area, edge, seed))
    assert (mask.dtype, mask.shape) == (np.float32, (height + 2 * around, width + 2 * around))
    assert mask.min() >= 0
    assert mask.max() <= 1
    # Half of the height of the edge is the border of the region. Pixels that lie on it exactly may be many.
    patch = mask[around : around + height, around : around + width]
    on_border = (np.abs(patch - 0.5) < 1e-6).mean()
    assert (patch > 0.5 + 1e-6).mean() <= area + 1 / patch.size
    assert (patch > 0.5 + 1e-6).mean() >= area - on_border - 2 / patch.size


@pytest.mark.parametrize("kind", ["disc", "half-plane", "rectangle"])
def test_surroundings_do_not_move_a_region(kind: str) -> None:
    region = Region(kind, 0.4, 5.0, 11)
    alone, within = region_mask((64, 48), (64, 48), region), region_mask((104, 88), (64, 48), region)
    assert within[20:84, 20:68] == pytest.approx(alone, abs=1e-6)


def test_an_edge_is_as_wide_as_it_says() -> None:
    # Across the edge of a half-plane, the mask rises by 1 in `edge` px.
    mask = region_mask((64, 64), (64, 64), Region("half-plane", 0.5, 16.0, 3)).astype(np.float64)
    dy, dx = np.gradient(mask)
    slope = np.hypot(dx, dy)[(mask > 0.1) & (mask < 0.9)]
    assert slope == pytest.approx(1 / 16, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_places_differ_by_seed_and_favour_no_corner(kind: str) -> None:
    areas = np.linspace(0.2, 0.8, 300)
    masks = [region_mask((24, 24), (24, 24), Region(kind, area, 2.0, seed)) for seed, area in enumerate(areas)]
    assert len({mask.tobytes() for mask in masks}) == 300
    mean = np.mean(masks, axis=0)
    assert np.ptp(mean[[0, 0, -1, -1], [0, -1, 0, -1]]) < 0.16  # four standard errors of the difference
    assert mean.min() > 0.15
    assert mean.max() < 0.85
