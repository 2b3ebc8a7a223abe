"""Coloured noise against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Draws
from bappsmith.distortions.functional import power_law
from bappsmith.distortions.functional.power_law import power_law_field


@pytest.mark.parametrize("beta", [-2.0, -1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("shape", [(64, 64), (63, 50)])
def test_power_law_noise_has_its_slope_spread_and_independence(beta: float, shape: tuple[int, int]) -> None:
    height, width = shape
    fields = np.stack([power_law_field(seed, height, width, beta) for seed in range(150)])
    assert np.abs(fields.mean(axis=(1, 2))).max() < 1e-9
    assert (fields**2).mean() == pytest.approx(1, abs=0.05)
    power = (np.abs(np.fft.fft2(fields, axes=(1, 2))) ** 2).mean(axis=(0, 3))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    used = frequency > 0
    slope = np.polyfit(np.log(frequency[used]), np.log(power[used]), 1)[0]
    assert slope == pytest.approx(-beta, abs=0.02)
    # The first and last columns of a real FFT are special: they must be neither weaker nor stronger.
    flat = power[used] * frequency[used] ** beta
    assert flat.reshape(-1).max() / flat.min() < 2.2
    axis = power[1:, 0] * frequency[1:, 0] ** beta
    assert axis.mean() == pytest.approx(flat.mean(), rel=0.05)
    red, green = fields[..., 0], fields[..., 1]
    assert abs((red * green).mean()) < 0.06


def test_amplitudes_are_kept_where_they_come_again() -> None:
    """Exponents drawn from a range never come again: keeping them would push out those of the named colours."""
    kept = power_law._amplitude_of_color
    kept.cache_clear()
    for seed in range(3):
        power_law_field(seed, 20, 24, 1.0)
    draws = Draws(1)
    for _ in range(200):
        power_law_field(0, 20, 24, draws.uniform(-2, 2))
    power_law_field(3, 20, 24, 1.0)
    assert kept.cache_info()[:2] == (3, 1)  # hits, misses
    assert kept.cache_info().currsize == 1


@pytest.mark.parametrize("beta", [-2, -1, 0, 1, 2])
def test_a_kept_amplitude_is_the_computed_one(beta: int) -> None:
    assert (power_law._amplitude_of_color(31, 24, beta) == power_law._amplitude(31, 24, float(beta))).all()
