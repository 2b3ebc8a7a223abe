"""Blurs against scikit-image, SciPy and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import skimage.color
import skimage.filters
import skimage.restoration
import skimage.transform

from bappsmith.distortions import Image, operator
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.view import with_margin

PATCH = natural_patches(1)[0]
SETTINGS: dict[str, dict[str, Any]] = {
    "anisotropic_blur": {"sigma": 2.0, "ratio": 0.4, "angle": 30.0},
    "motion_blur": {"length": 6.5, "angle": 70.0},
    "defocus_blur": {"radius": 3.3},
    "zoom_blur": {"length": 3.0, "centre_x": 0.7, "centre_y": -0.2},
    "median_blur": {"radius": 1.6},
    "nonlocal_means": {"strength": 20.0},
    "total_variation": {"weight": 10.0},
}


def largest_difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a.astype(np.float64) - b) ** 2).mean()))


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.2])
def test_gaussian_blur_is_scikit_images(sigma: float) -> None:
    expected = skimage.filters.gaussian(PATCH.astype(np.float64), sigma, mode="mirror", truncate=4, channel_axis=2)
    assert largest_difference(operator("gaussian_blur")(PATCH, {"sigma": sigma}), expected) <= 2.5


def test_bilateral_blur_spares_a_strong_edge() -> None:
    step = np.zeros((32, 32, 3), np.uint8)
    step[:, 16:] = 255
    assert largest_difference(operator("bilateral_blur")(step, {"sigma_color": 30.0}), step) <= 1
    assert largest_difference(operator("bilateral_blur")(step, {"sigma_color": 600.0}), step) > 20


@pytest.mark.parametrize("name", SETTINGS)
def test_a_flat_image_stays(name: str) -> None:
    flat = np.full((30, 30, 3), (17, 130, 240), np.uint8)
    assert np.array_equal(operator(name)(flat, SETTINGS[name]), flat)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_patch_is_cut_out_of_the_distorted_photograph(name: str) -> None:
    (view,) = natural_views(1, 64, 48)
    op = operator(name)
    larger = op(with_margin(view, 48), SETTINGS[name])
    around = np.asarray(view.image, np.uint8)
    # As if a later operator needed 16 px: the same patch, the margin is that of the whole.
    whole = op(type(view)(around, 32, view.patch), SETTINGS[name])
    assert largest_difference(whole[16:-16, 16:-16], larger) <= (3 if name == "total_variation" else 0)


@pytest.mark.parametrize(("angle", "sigmas"), [(0.0, (0.6, 2.0)), (90.0, (2.0, 0.6))])
def test_anisotropic_blur_is_scipys_along_the_axes(angle: float, sigmas: tuple[float, float]) -> None:
    expected = scipy.ndimage.gaussian_filter(PATCH.astype(np.float64), (*sigmas, 0), mode="mirror", truncate=3)
    result = operator("anisotropic_blur")(PATCH, {"sigma": 2.0, "ratio": 0.3, "angle": angle})
    assert largest_difference(result, expected) <= 1


def test_anisotropic_blur_leaves_lines_along_its_direction() -> None:
    y, x = np.mgrid[:48, :48]
    stripes = (128 + 90 * np.sin((x - y) * 0.7)).astype(np.uint8)[..., None].repeat(3, axis=2)
    blur = operator("anisotropic_blur")
    along = blur(stripes, {"sigma": 3.0, "ratio": 0.2, "angle": 45.0})
    across = blur(stripes, {"sigma": 3.0, "ratio": 0.2, "angle": 135.0})
    assert rms(along[12:-12, 12:-12], stripes[12:-12, 12:-12]) < 15
    assert across[12:-12, 12:-12].std() < 5 < along[12:-12, 12:-12].std()


@pytest.mark.parametrize(("angle", "axis"), [(0.0, 1), (90.0, 0)])
def test_motion_blur_is_a_mean_of_light_along_the_axes(angle: float, axis: int) -> None:
    light = scipy.ndimage.uniform_filter1d(to_linear(PATCH), 5, axis=axis, mode="mirror")
    result = operator("motion_blur")(PATCH, {"length": 5.0, "angle": angle})
    assert largest_difference(result, to_srgb(np.asarray(light, np.float32))) <= 1


def test_motion_blur_of_a_point_is_as_long_as_it_says() -> None:
    point = np.zeros((41, 41, 3), np.uint8)
    point[20, 20] = 255
    light = to_linear(operator("motion_blur")(point, {"length": 13.0, "angle": 35.0}))[..., 0].astype(np.float64)
    y, x = np.mgrid[-20:21, -20:21]
    along = x * np.cos(np.radians(35)) + y * np.sin(np.radians(35))
    across = y * np.cos(np.radians(35)) - x * np.sin(np.radians(35))
    assert light.sum() == pytest.approx(1, abs=0.05)
    # A line of uniform weight has the variance length²/12.
    assert np.sqrt(12 * (light * along * along).sum()) == pytest.approx(13, abs=0.7)
    assert (light * across * across).sum() < 0.3


@pytest.mark.parametrize("radius", [0.8, 2.0, 4.6])
def test_defocus_blur_of_a_point_is_a_disk(radius: float) -> None:
    point = np.zeros((21, 21, 3), np.uint8)
    point[10, 10] = 255
    light = to_linear(operator("defocus_blur")(point, {"radius": radius}))[..., 0]
    fine = (np.arange(21 * 32) + 0.5) / 32 - 10.5
    inside = fine[:, None] ** 2 + fine**2 <= radius**2
    share = inside.reshape(21, 32, 21, 32).mean(axis=(1, 3)) / (np.pi * radius**2)
    assert np.abs(light - share).max() < 0.12 / radius**2


def test_defocus_blur_adds_light_not_levels() -> None:
    step = np.zeros((24, 24, 3), np.uint8)
    step[:, 12:] = 255
    result = operator("defocus_blur")(step, {"radius": 3.0})[12, :, 0]
    light = to_linear(result[None, :, None])[0, :, 0]
    assert light[11] + light[12] == pytest.approx(1, abs=0.02)
    assert result[11] > 160  # the mean of levels would be below 127


def test_zoom_blur_is_the_mean_of_light_of_scaled_views() -> None:
    (view,) = natural_views(1, 64, 40)
    light, centre = to_linear(view.image).astype(np.float64), np.array([71.5 + 0.3 * 64, 71.5 - 0.1 * 64])
    views = [
        skimage.transform.warp(light, lambda xy, s=scale: (xy - centre) * s + centre, order=1, mode="reflect")
        for scale in np.exp(np.linspace(-4 / 64, 4 / 64, 9))
    ]
    expected = to_srgb(np.mean(views, axis=0).astype(np.float32))[40:-40, 40:-40]
    result = operator("zoom_blur")(view, {"length": 4.0, "centre_x": 0.3, "centre_y": -0.1})
    assert rms(result, expected) < 4
    assert rms(view.centre, expected) > 8


def test_glass_blur_moves_pixels_as_far_as_it_says() -> None:
    y, x = np.mgrid[:96, :96]
    coordinates = np.dstack((y, x, 0 * x)).astype(np.uint8)
    params = {"spread": 1.5, "sigma": 0.01, "places_seed": 5}  # this narrow, a Gaussian is a single pixel
    moved = operator("glass_blur")(coordinates, params).astype(int) - coordinates
    inner = moved[10:-10, 10:-10, :2]
    assert inner.std() == pytest.approx(np.hypot(1.5, np.sqrt(1 / 12)), rel=0.03)
    assert abs(inner.mean()) < 0.05
    assert abs(np.corrcoef(inner[:, :-1, 0].ravel(), inner[:, 1:, 0].ravel())[0, 1]) < 0.04


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_median_blur_is_scipys(radius: int) -> None:
    expected = scipy.ndimage.median_filter(PATCH, (2 * radius + 1, 2 * radius + 1, 1), mode="mirror")
    assert np.array_equal(operator("median_blur")(PATCH, {"radius": float(radius)}), expected)


def test_median_blur_between_two_radii_is_between() -> None:
    low, middle, high = (operator("median_blur")(PATCH, {"radius": r}).astype(int) for r in (1.0, 1.5, 2.0))
    assert np.all(np.abs(middle - (low + high) / 2) <= 0.5)


def test_nonlocal_means_is_the_sum_it_says() -> None:
    image = natural_patches(1, size=32)[0]
    padded = np.pad(image.astype(np.float64), ((4, 4), (4, 4), (0, 0)), mode="reflect")
    total, weights = np.zeros(image.shape), np.zeros((32, 32, 1))
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            squares = ((np.roll(padded, (-dy, -dx), (0, 1)) - padded) ** 2).mean(axis=2)
            distance = scipy.ndimage.uniform_filter(squares, 3)[4:-4, 4:-4, None]
            weight = np.exp(-distance / 25.0**2)
            total += weight * np.roll(padded, (-dy, -dx), (0, 1))[4:-4, 4:-4]
            weights += weight
    result = operator("nonlocal_means")(image, {"strength": 25.0})
    assert rms(result, total / weights) < 1
    assert rms(result, image) > 3


def test_total_variation_is_scikit_images() -> None:
    patch = PATCH[24:56, 16:48]
    expected: Image = skimage.restoration.denoise_tv_chambolle(
        patch.astype(np.float64), 10.0, eps=0, max_num_iter=100, channel_axis=2
    )
    result = operator("total_variation")(patch, {"weight": 10.0})
    inner = np.s_[6:-6, 6:-6]  # the surroundings are mirrored on one side, and none on the other
    assert rms(result[inner], expected[inner]) < 1
    assert rms(patch[inner], expected[inner]) > 3
