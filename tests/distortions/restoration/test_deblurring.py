"""Deblurring: the shared blur, and each algorithm against scikit-image or its own formula."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import convolve
from skimage import restoration

from bappsmith.distortions import Draws, operator, operators
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.restoration.deblurring.blurring import Blurring, blur_view
from bappsmith.distortions.restoration.deblurring.deblur_richardson_lucy import richardson_lucy
from bappsmith.distortions.restoration.deblurring.deblur_total_variation import total_variation
from bappsmith.distortions.restoration.deblurring.kernel import kernel, radius
from bappsmith.distortions.restoration.deblurring.spectrum import convolved, tapered
from bappsmith.distortions.restoration.deblurring.wiener import REACH, wiener, wiener_filter
from bappsmith.distortions.view import View, with_margin
from bappsmith.pipeline.planning.degradation import partners

NAMES = [name for name, op in operators().items() if op.family == "deblurring"]
VIEWS = natural_views(3, 64, 88)
MOTION, DEFOCUS = kernel("motion", 7.0, 30.0), kernel("defocus", 5.0, 0.0)
LIGHT = to_linear(natural_patches(1, 96)[0])


def params(name: str, **fixed: object) -> dict[str, object]:
    return {**operator(name).call(0.5, Draws(3)).params, **fixed}


def rmse(a: object, b: object) -> float:
    return float(np.sqrt(np.mean((np.asarray(a, float) - np.asarray(b, float)) ** 2)))


def test_all_are_partners():
    found = partners(NAMES)
    assert {name: set(others) for name, others in found.items()} == {name: set(NAMES) - {name} for name in NAMES}
    assert len(NAMES) == 4


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 145.0])
def test_motion_is_a_line_of_its_length_and_angle(angle: float):
    k = kernel("motion", 9.0, angle).astype(float)
    y, x = np.mgrid[: k.shape[0], : k.shape[1]] - radius(9.0)
    assert k.sum() == pytest.approx(1, abs=1e-6)
    assert ((k * x).sum(), (k * y).sum()) == pytest.approx((0, 0), abs=1e-6)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along = (k * (x * cosine + y * sine) ** 2).sum()
    across = (k * (y * cosine - x * sine) ** 2).sum()
    assert along == pytest.approx(9**2 / 12, rel=0.06)  # the variance of a line
    assert across < 0.26  # bilinear splatting


def test_defocus_is_a_disk():
    k = kernel("defocus", 8.0, 0.0).astype(float)
    y, x = np.mgrid[: k.shape[0], : k.shape[1]] - radius(8.0)
    assert (k * (x * x + y * y)).sum() == pytest.approx(8**2 / 8, rel=0.05)  # the variance of a disk
    assert k[radius(8.0), radius(8.0)] == pytest.approx(1 / (math.pi * 16), rel=0.02)
    np.testing.assert_allclose(k, k.T, atol=1e-7)


def test_convolution_equals_that_of_scipy():
    theirs = np.stack([convolve(LIGHT[..., c], MOTION, mode="wrap") for c in range(3)], axis=2)
    np.testing.assert_allclose(convolved(LIGHT, MOTION), theirs, atol=1e-5)


def test_the_blur_is_one_of_light_and_real_surroundings():
    view = with_margin(VIEWS[0], 40)
    blurring = Blurring("motion", 9.0, 20.0, 0.0, 0)
    seen = blur_view(view, blurring)
    assert seen.margin == 40 - radius(9.0)
    assert seen.shape == view.shape
    light = to_linear(view.image)
    theirs = to_srgb(np.stack([convolve(light[..., c], kernel("motion", 9.0, 20.0)) for c in range(3)], axis=2))
    inner = np.s_[radius(9.0) : -radius(9.0), radius(9.0) : -radius(9.0)]
    assert np.abs(seen.image.astype(int) - theirs[inner]).max() <= 1
    noisy = blur_view(view, Blurring("motion", 9.0, 20.0, 2.0, 1)).image
    assert np.std(noisy.astype(float) - seen.image) == pytest.approx(2.0, rel=0.1)


def test_the_wiener_filter_is_that_of_scikit_image_with_a_limited_reach():
    """Theirs reaches as far as the image and darkens it by 1 + balance."""
    blurred = convolved(LIGHT, DEFOCUS)
    flat = np.ones((1, 1))
    theirs = [restoration.wiener(blurred[..., c], DEFOCUS, 0.05, reg=flat, clip=False) for c in range(3)]
    ours = wiener(blurred, DEFOCUS, 0.05)
    assert rmse(ours, 1.05 * np.stack(theirs, axis=2)) < 0.004
    assert rmse(ours, blurred) > 0.02
    assert wiener_filter(DEFOCUS, 0.05).sum() == pytest.approx(1, abs=1e-4)
    far = np.zeros((150, 150, 3), np.float32)
    far[75, 75] = 1
    reached = np.abs(wiener(far, MOTION, 0.005)).max(axis=2) > 1e-6
    assert not reached[75 + REACH + 1 :].any()
    assert not reached[: 75 - REACH].any()


def test_richardson_lucy_is_that_of_scikit_image_away_from_the_border():
    blurred = convolved(LIGHT, MOTION)
    theirs = restoration.richardson_lucy(blurred[..., 1], MOTION, num_iter=60, clip=False)
    ours = richardson_lucy(blurred, MOTION, 60)[..., 1]  # they start from .5, we from the image
    inner = np.s_[24:-24, 24:-24]
    assert rmse(ours[inner], theirs[inner]) < 0.2 * rmse(blurred[..., 1][inner], theirs[inner])


def test_richardson_lucy_keeps_the_sum_of_light():
    blurred = convolved(LIGHT, MOTION)
    assert richardson_lucy(blurred, MOTION, 10).mean() == pytest.approx(blurred.mean(), rel=2e-3)


def test_total_variation_without_weight_is_richardson_lucy_and_with_it_flattens():
    blurred = convolved(LIGHT, DEFOCUS)
    plain = richardson_lucy(blurred, DEFOCUS, 20)
    np.testing.assert_allclose(total_variation(blurred, DEFOCUS, 1e-7), plain, atol=1e-3)

    def variation(image: np.ndarray) -> float:
        steps = np.stack([np.roll(image, -1, axis=axis) - image for axis in (0, 1)])
        return float(np.sqrt((steps**2).sum(axis=(0, 3))).sum())

    flat = total_variation(blurred, DEFOCUS, 0.005)
    assert variation(flat) < 0.9 * variation(plain)
    assert rmse(flat, LIGHT) < rmse(blurred, LIGHT)


@pytest.mark.parametrize("spread", [MOTION, DEFOCUS])
@pytest.mark.parametrize("restore", [lambda x, k: wiener(x, k, 1e-2), lambda x, k: richardson_lucy(x, k, 20)])
def test_a_right_kernel_restores_and_a_wrong_one_less(restore, spread: np.ndarray):
    blurred = convolved(LIGHT, spread)
    wrong = kernel("motion", 11.0, 60.0) if spread is MOTION else kernel("defocus", 9.0, 0.0)
    right = rmse(restore(blurred, spread), LIGHT)
    assert right < 0.8 * rmse(blurred, LIGHT)
    assert right < 0.8 * rmse(restore(blurred, wrong), LIGHT)


def test_tapering_changes_the_border_alone():
    light = tapered(LIGHT, DEFOCUS)
    edge = 2 * radius(5.0)
    np.testing.assert_allclose(light[edge:-edge, edge:-edge], LIGHT[edge:-edge, edge:-edge], atol=1e-6)
    assert np.abs(light - LIGHT)[0].max() > 0.01


@pytest.mark.parametrize("kind", ["motion", "defocus"])
@pytest.mark.parametrize("name", NAMES)
def test_no_ringing_of_the_border_reaches_the_patch(name: str, kind: str):
    """The result is the one of a larger part of the photograph, without noise."""
    op = operator(name)
    drawn = params(name, kind=kind, extent=8.0, noise=0.0)
    patch = op(VIEWS[1], drawn).astype(int)
    larger = op(View(VIEWS[1].image, 88 - 16, (64, 64)), drawn)[16:-16, 16:-16]
    difference = np.abs(patch - larger)
    assert np.quantile(difference, 0.995) <= 4


@pytest.mark.parametrize("name", NAMES)
def test_two_algorithms_get_the_same_blurred_patch(name: str):
    drawn = params(name)
    assert operator(name).margin(64, drawn) == operator("deblur_wiener").margin(64, params("deblur_wiener"))


def test_a_plain_image_stays():
    image = np.full((40, 48, 3), (20, 130, 240), np.uint8)
    for name in NAMES:
        assert np.abs(operator(name)(image, params(name, noise=0.0)).astype(int) - image).max() <= 1, name


def test_a_network_of_a_bank_keeps_the_contract(restoring_banks: dict[str, Path]):
    load_bank(restoring_banks["deblur"])
    op = operator("deblur_network")
    assert op.family == "deblurring"
    assert set(partners(["deblur_network", "deblur_wiener"])) == {"deblur_network", "deblur_wiener"}
    assert broken_clauses(op, natural_patches(12)) == []
