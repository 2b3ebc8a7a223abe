"""Noise that stays where it is when the surroundings grow."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.restoration.patch_noise import with_noise


def test_noise_is_white_and_the_same_for_any_margin():
    def noise(margin: int) -> np.ndarray:
        image = np.full((40 + 2 * margin, 48 + 2 * margin, 3), 128, np.uint8)
        return with_noise(image, 6.0, 5, (margin, margin), (40, 48)).astype(int) - 128

    patch = noise(0)
    assert 5.8 < patch.std() < 6.2
    assert abs(np.corrcoef(patch[:, 1:].ravel(), patch[:, :-1].ravel())[0, 1]) < 0.05
    for margin in (7, 30, 70):
        larger = noise(margin)
        assert np.array_equal(larger[margin:-margin, margin:-margin], patch)
    assert not np.array_equal(noise(30)[:30, :30], noise(30)[30:60, 30:60])
