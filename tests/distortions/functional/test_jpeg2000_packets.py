"""Packets of JPEG 2000 that are left out."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import features

from bappsmith.distortions.functional.jpeg2000_packets import SQUARE, packets_lost
from bappsmith.distortions.patches import natural_patches

pytestmark = pytest.mark.skipif(not features.check("jpg_2000"), reason="this build of Pillow lacks JPEG 2000")
SCENE = natural_patches(2, size=128)[0]
PACKETS = 4 * 3 * (128 // SQUARE) ** 2


def difference(lost: list[int]) -> np.ndarray:
    return np.abs(packets_lost(SCENE, lambda _: lost).astype(int) - SCENE).max(axis=2)


def test_without_loss_the_image_is_the_same_to_the_eye() -> None:
    counts: list[int] = []
    whole = packets_lost(SCENE, lambda count: (counts.append(count), [])[1])
    assert counts == [PACKETS]
    assert np.abs(whole.astype(int) - SCENE).max() <= 5


@pytest.mark.parametrize("resolution", [0, 3])
@pytest.mark.parametrize("square", [5, 10])
def test_a_lost_packet_changes_its_square_alone(resolution: int, square: int) -> None:
    """Packets are ordered by resolution, then component, then square."""
    far, row, column = difference([resolution * PACKETS // 4 + square]) > 8, square // 4, square % 4
    reach = 4 << (3 - resolution)  # of the synthesis filters
    top, left = row * SQUARE, column * SQUARE
    near = np.zeros_like(far)
    near[max(top - reach, 0) : top + SQUARE + reach, max(left - reach, 0) : left + SQUARE + reach] = True
    assert far[top : top + SQUARE, left : left + SQUARE].any()
    assert not far[~near].any()


def test_without_any_packet_nothing_but_grey_is_left() -> None:
    assert np.abs(packets_lost(SCENE, lambda count: list(range(count))).astype(int) - 128).max() <= 1


def test_a_coarse_packet_matters_more_than_a_fine_one() -> None:
    coarse, fine = (difference([k * PACKETS // 4 + 5]).sum() for k in (0, 3))
    assert coarse > 3 * fine
