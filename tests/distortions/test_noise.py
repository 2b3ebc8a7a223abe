"""Noise against its stated statistics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from skimage.color import rgb2ycbcr

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.patches import natural_patches, natural_views

PATCH = natural_patches(1)[0]
GREY = np.full((128, 128, 3), 128, np.uint8)


@pytest.mark.parametrize(
    "name", ["uniform_white_noise", "gaussian_white_noise", "blue_noise", "pink_noise", "violet_noise"]
)
def test_noise_has_the_stated_standard_deviation(name: str) -> None:
    grey = np.full((128, 128, 3), 128, np.uint8)
    residual = operator(name).apply(grey, sigma=20.0, noise_seed=4).astype(np.float64) - 128
    assert residual.std() == pytest.approx(20, rel=0.05)
    assert abs(residual.mean()) < 0.5


@pytest.mark.parametrize(
    ("name", "beta"),
    [("violet", -2.0), ("blue", -1.0), ("gaussian_white", 0.0), ("pink", 1.0), ("brown", 2.0)],
)
def test_named_noises_are_members_of_one_family(name: str, beta: float) -> None:
    family, named = operator("gaussian_colored_noise"), operator(f"{name}_noise")
    for severity in (0.1, 0.5, 1.0):
        sigma = family.parameters["sigma"].draw(severity, Draws(0), {"beta": beta})
        assert sigma == named.draw(severity, Draws(0))["sigma"]
    if beta:  # white noise is drawn in another way
        expected = named.apply(PATCH, sigma=20.0, noise_seed=9)
        assert np.array_equal(expected, family.apply(PATCH, sigma=20.0, noise_seed=9, beta=beta))


def test_between_two_named_noises_sigma_is_between_theirs() -> None:
    sigma, betas = operator("gaussian_colored_noise").parameters["sigma"], np.arange(-2, 2.5, 0.5)
    for severity in (0.1, 0.5, 1.0):
        ends = [sigma.draw(severity, Draws(0), {"beta": float(beta)}) for beta in betas]
        assert np.allclose(ends[1::2], (np.array(ends[:-1:2]) + ends[2::2]) / 2, rtol=0.02)


def test_drawn_exponents_are_those_of_the_grid() -> None:
    op = operator("gaussian_colored_noise")
    drawn = {op.sample(0.5, Draws(key))["beta"] for key in range(200)}
    assert drawn == set(np.arange(-2, 2.5, 0.5))


def checkerboard(image: Image, amount: int = 20, cell: int = 4, row_phase: int = 0, column_phase: int = 0) -> Image:
    phases = {"row_phase": row_phase, "column_phase": column_phase}
    return operator("checkerboard_artifact").apply(image, amount=amount, cell=cell, **phases)


@pytest.mark.parametrize("cell", [1, 2, 4])
@pytest.mark.parametrize("phase", [0, 3, 7])
def test_checkerboard_alternates_between_two_levels(cell: int, phase: int) -> None:
    grey = np.full((32, 33, 3), 128, np.uint8)
    result = checkerboard(grey, cell=cell, row_phase=phase, column_phase=2)
    assert set(np.unique(result)) == {108, 148}
    assert (result[cell:] != result[:-cell]).all()
    assert (result[:, cell:] != result[:, :-cell]).all()
    assert np.array_equal(result[:, 2 * cell :], result[:, : -2 * cell])


def test_checkerboard_is_its_definition_and_clips() -> None:
    rows, columns = np.indices(PATCH.shape[:2])
    sign = ((rows + 5) // 2 + (columns + 6) // 2) % 2 * 2 - 1
    expected = np.clip(PATCH.astype(int) + 60 * sign[..., None], 0, 255)
    assert np.array_equal(checkerboard(PATCH, amount=60, cell=2, row_phase=5, column_phase=6), expected)


def test_the_pattern_of_a_checkerboard_starts_anywhere() -> None:
    """A pattern that always starts at the corner is one that a metric can subtract without looking."""
    grey, op = np.full((40, 40, 3), 128, np.uint8), operator("checkerboard_artifact")
    whole = checkerboard(grey)
    assert np.array_equal(checkerboard(grey, row_phase=3, column_phase=6)[:34, :34], whole[3:37, 6:40])
    lighter = np.mean([op.apply(grey, **op.sample(0.5, Draws(key))) > 128 for key in range(800)], axis=0)
    assert np.abs(lighter - 0.5).max() < 0.1


def residual(name: str, image: Image = GREY, **params: float | str) -> np.ndarray:
    return operator(name)(image, params).astype(np.float64) - image


@pytest.mark.parametrize("expected", [0.1, 0.5, 1.0, 3.0, 40.0])
def test_counted_photons_are_poisson_numbers(expected: float) -> None:
    light = np.full((128, 128, 3), expected / 50, np.float32)
    counts = operator("poisson_noise").apply(light, photons=50.0, noise_seed=3) * 50
    assert np.allclose(counts, np.rint(counts), atol=1e-3)
    share = np.bincount(np.rint(counts).astype(int).ravel(), minlength=200) / counts.size
    variation = np.abs(share - stats.poisson.pmf(np.arange(len(share)), expected)).sum() / 2
    assert variation < (0.02 if expected >= 1 else 0.045)


def test_without_light_there_are_no_photons() -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    assert np.array_equal(operator("poisson_noise")(black, {"photons": 12.0, "noise_seed": 1}), black)


@pytest.mark.parametrize("density", [0.01, 0.2])
def test_impulses_are_black_and_white_half_each(density: float) -> None:
    result = operator("impulse_noise").apply(GREY, density=density, noise_seed=2)
    assert set(np.unique(result)) == {0, 128, 255}
    # Within four standard deviations of the binomial distribution; dots of one channel are as frequent as of another.
    spread = 4 * np.sqrt(density / 2 / GREY.shape[0] ** 2)
    for value in (0, 255):
        assert np.abs((result == value).mean(axis=(0, 1)) - density / 2).max() < spread


def test_speckle_grows_with_the_value() -> None:
    dark, light = (np.full((96, 96, 3), level, np.uint8) for level in (40, 160))
    for image in (dark, light):
        noise = residual("speckle_noise", image, sigma=0.1, noise_seed=4)
        assert noise.std() == pytest.approx(0.1 * image[0, 0, 0], rel=0.03)
    assert not residual("speckle_noise", np.zeros_like(dark), sigma=0.4, noise_seed=4).any()


def test_luma_noise_is_in_luma_and_chroma_noise_is_not() -> None:
    luma = residual("luma_noise", sigma=10.0, noise_seed=1)
    assert (luma == luma[..., :1]).all()
    assert luma.std() == pytest.approx(10, rel=0.03)
    chroma = residual("chroma_noise", sigma=10.0, noise_seed=1)
    assert (chroma @ [0.299, 0.587, 0.114]).std() < 0.4  # of rounding
    assert (chroma[..., 0] / 1.402).std() == pytest.approx(10, rel=0.03)
    assert (chroma[..., 2] / 1.772).std() == pytest.approx(10, rel=0.03)


def test_ycbcr_noise_is_equally_strong_in_every_component_of_scikit_image() -> None:
    result = operator("ycbcr_noise").apply(GREY, sigma=8.0, noise_seed=1)
    noise = rgb2ycbcr(result) - rgb2ycbcr(GREY)
    assert noise.std(axis=(0, 1)) == pytest.approx([8, 8, 8], rel=0.04)
    assert np.abs(np.corrcoef(noise.reshape(-1, 3).T) - np.eye(3)).max() < 0.05


def test_masked_noise_follows_the_local_standard_deviation() -> None:
    from scipy.ndimage import generic_filter

    image = np.repeat(PATCH[..., 1:2] // 2 + 64, 3, axis=2)
    noise = np.mean([residual("masked_noise", image, gain=0.3, noise_seed=seed)[..., 0] ** 2 for seed in range(100)], 0)
    activity = generic_filter(image[..., 0].astype(float), np.std, size=7, mode="mirror")
    textured = activity > 20  # where rounding to levels does not count
    ratio = np.sqrt(noise[textured]) / activity[textured]
    assert np.median(ratio) == pytest.approx(0.3, rel=0.03)
    assert np.corrcoef(np.sqrt(noise[textured]), activity[textured])[0, 1] > 0.8
    assert not residual("masked_noise", GREY, gain=3.0, noise_seed=1).any()


def test_masked_noise_sees_the_surroundings() -> None:
    view = natural_views(1, 32, 16)[0]
    outer = operator("masked_noise")(view, {"gain": 0.0, "noise_seed": 0})
    assert np.array_equal(outer, view.centre)


def test_a_periodic_pattern_is_one_frequency() -> None:
    # 16 and 32 periods in 128 px, along x and y.
    frequency, direction = np.hypot(16, 32) / 128, np.degrees(np.arctan2(32, 16))
    noise = residual("periodic_noise", amplitude=40.0, frequency=frequency, direction=direction, phase=30.0)
    spectrum = np.abs(np.fft.fft2(noise[..., 0]))
    assert np.unravel_index(spectrum.argmax(), spectrum.shape) in ((32, 16), (96, 112))
    assert spectrum[32, 16] == pytest.approx(40 / 2 * 128**2, rel=0.01)
    assert (noise == noise[..., :1]).all()


def test_the_phase_of_a_periodic_pattern_is_that_at_the_centre() -> None:
    grey = np.full((65, 65, 3), 128, np.uint8)
    for phase, value in ((0.0, 0), (90.0, 40), (270.0, -40)):
        params = {"amplitude": 40.0, "frequency": 0.13, "direction": 70.0, "phase": phase}
        assert (residual("periodic_noise", grey, **params)[32, 32] == value).all()


@pytest.mark.parametrize(("lines", "along"), [("rows", 1), ("columns", 0)])
def test_banding_is_constant_along_its_lines(lines: str, along: int) -> None:
    noise = residual("row_banding", sigma=10.0, lines=lines, noise_seed=8)
    assert (noise == noise.take([0], axis=along)[..., :1]).all()
    assert noise.std() == pytest.approx(10, rel=0.2)


@pytest.mark.parametrize("film", ["silver", "colour"])
def test_grain_is_strong_in_the_mid_tones(film: str) -> None:
    strength = {}
    for level in (20, 128, 235):
        image = np.full((96, 96, 3), level, np.uint8)
        noise = residual("film_grain", image, sigma=8.0, size=0.5, film=film, noise_seed=level)
        strength[level] = noise.std()
        assert (noise == noise[..., :1]).all() == (film == "silver")
    assert strength[128] == pytest.approx(8, rel=0.06)
    assert strength[20] == pytest.approx(strength[235], rel=0.1)
    assert strength[20] < 0.6 * strength[128]
