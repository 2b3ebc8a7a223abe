"""Coloured noise against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.functional import power_law
from bappsmith.distortions.functional.power_law import power_law_field
from bappsmith.distortions.random import normal_field


@pytest.mark.parametrize("beta", [-2.0, -1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("shape", [(64, 64), (63, 50)])
def test_power_law_noise_has_its_slope_spread_and_independence(beta: float, shape: tuple[int, int]) -> None:
    height, width = shape
    fields = np.stack([power_law_field(seed, height, width, beta) for seed in range(150)])
    assert fields.dtype == np.float32
    assert np.abs(fields.mean(axis=(1, 2))).max() < 1e-6
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


def test_a_field_is_the_inverse_transform_of_its_spectrum() -> None:
    height, width = 6, 8
    draws = normal_field(5, (3, height, width // 2 + 1, 2)).astype(float)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.arange(width // 2 + 1) / width)
    amplitude = np.divide(1, frequency, out=np.zeros_like(frequency), where=frequency > 0)  # brown: power 1/f²
    amplitude[:, 1 : width // 2] /= np.sqrt(2)  # both bins of a pair of conjugates are stored once
    expected = np.fft.irfft2((draws[..., 0] + 1j * draws[..., 1]) * amplitude, s=(height, width))
    field = power_law_field(5, height, width, 2.0).transpose(2, 0, 1)
    ratio = field / expected
    assert np.allclose(ratio, ratio[0, 0, 0], rtol=1e-4)


def test_amplitudes_of_all_exponents_on_the_grid_are_kept_for_two_sizes() -> None:
    power_law._amplitude.cache_clear()
    for _ in range(3):
        for side in (20, 24):
            for beta in np.arange(-2, 2.5, 0.5):
                power_law_field(0, side, side, float(beta))
    assert power_law._amplitude.cache_info()[:2] == (36, 18)  # hits, misses
