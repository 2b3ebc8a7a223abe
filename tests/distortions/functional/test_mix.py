"""Mixing two images against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.functional.mix import STEPS, mix
from bappsmith.distortions.patches import natural_patches

IMAGE, OTHER = natural_patches(2)


@pytest.mark.parametrize("weight", [-12.0, -5.0, -0.3, 0.0, 0.2, 1 / 3, 0.5, 1.0])
def test_a_mix_is_its_definition(weight: float) -> None:
    expected = np.clip((1 - weight) * IMAGE.astype(float) + weight * OTHER, 0, 255)
    assert np.abs(mix(IMAGE, OTHER, weight) - expected).max() <= 0.5 + 255 / STEPS


@pytest.mark.parametrize("weight", [-15.0, -12.1, 0.2, 1 / 3, 0.5])
def test_every_mix_is_exact_in_whole_numbers(weight: float) -> None:
    """Whether a processor multiplies and adds in one step then makes no difference; halves go to the even level."""
    share = round(weight * STEPS)
    whole, rest = np.divmod((STEPS - share) * IMAGE.astype(int) + share * OTHER.astype(int), STEPS)
    expected = np.clip(whole + (2 * rest + whole % 2 > STEPS), 0, 255)
    assert np.array_equal(mix(IMAGE, OTHER, weight), expected)
