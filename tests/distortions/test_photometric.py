"""Photometric operators against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import skimage.color
import skimage.exposure
import skimage.filters
import skimage.transform
from PIL import Image as PillowImage
from scipy import ndimage

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.functional.ycbcr import scale_chroma
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.photometric.white_balance import planckian_rgb
from bappsmith.distortions.view import View, trimmed
from bappsmith.pipeline.judging.anchors import SHIPPED, read_anchors

PATCHES = natural_patches(12)
PATCH = PATCHES[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


@pytest.mark.parametrize("name", ["saturation", "desaturate"])
def test_no_saturation_is_luma(name: str) -> None:
    free = {"direction": "less"} if name == "saturation" else {}
    grey = operator(name).apply(PATCH, amount=1.0, **free)
    luma = PATCH @ np.array([0.299, 0.587, 0.114])
    assert largest_difference(grey, luma[..., None]) <= 1
    assert np.array_equal(grey, np.asarray(PillowImage.fromarray(grey).convert("L").convert("RGB")))


def test_more_saturation_spreads_channels_and_keeps_luma() -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    vivid = operator("saturation").apply(muted, direction="more", amount=2.5)
    chroma, before = np.ptp(vivid.astype(int), axis=2), np.ptp(muted.astype(int), axis=2)
    assert np.abs(chroma - 3.5 * before).max() <= 1
    assert largest_difference(vivid @ np.array([0.299, 0.587, 0.114]), muted @ np.array([0.299, 0.587, 0.114])) < 2


@pytest.mark.parametrize("gain", [0.0, 0.37, 0.8, 1.2, 3.5])
def test_chroma_is_scaled_as_in_the_definition_and_grey_is_kept(gain: float) -> None:
    for image in (PATCH, PATCH[:9, :11], natural_patches(1, size=131)[0]):  # sizes with and without a rest for SIMD
        luma = (image @ np.array([0.299, 0.587, 0.114]))[..., None]
        expected = np.clip(luma + gain * (image - luma), 0, 255)
        assert largest_difference(scale_chroma(image, gain), expected) <= 0.9  # factors in 1024ths, and rounding
        grey = image[..., :1].repeat(3, axis=2)
        assert np.array_equal(scale_chroma(grey, gain), grey)


@pytest.mark.parametrize("severity", [0.01, 0.25, 0.5, 0.75, 1.0])
def test_both_sides_of_saturation_start_mild_and_are_comparable_to_people(severity: float) -> None:
    anchors, damage = read_anchors(SHIPPED), {}
    for side in ("less", "more"):
        amount = operator("saturation").parameters["amount"].draw(severity, Draws(0), {"direction": side})
        damage[side], _ = anchors.damage("saturation", {"direction": side, "amount": amount}, 64) or (0.0, False)
        assert severity > 0.01 or 0 < damage[side] < 0.15
    assert damage["less"] == pytest.approx(damage["more"], rel=0.35)


@pytest.mark.parametrize("hue", [0.0, 77.0, 200.0, 340.0])
def test_color_shift_moves_chroma_and_keeps_luma(hue: float) -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)
    before = skimage.color.convert_colorspace(muted, "RGB", "YCbCr")
    after = skimage.color.convert_colorspace(operator("color_shift").apply(muted, amount=40.0, hue=hue), "RGB", "YCbCr")
    moved = (after - before).mean(axis=(0, 1))
    # scikit-image's Y spans 219 levels and its chroma 224, JFIF's all 255.
    assert abs(moved[0]) < 0.6
    assert moved[1] * 255 / 224 == pytest.approx(40 * math.cos(math.radians(hue)), abs=0.7)
    assert moved[2] * 255 / 224 == pytest.approx(40 * math.sin(math.radians(hue)), abs=0.7)


@pytest.mark.parametrize(("direction", "gain"), [("less", 1 / 3), ("more", 3.0)])
def test_contrast_scales_the_spread_about_the_mean(direction: str, gain: float) -> None:
    muted = (112 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    result = operator("contrast").apply(muted, factor=3.0, direction=direction)
    assert result.std() == pytest.approx(gain * muted.std(), rel=0.02)
    assert result.mean() == pytest.approx(muted.mean(), abs=0.5)


@pytest.mark.parametrize(("direction", "gain"), [("less", 1 / 6), ("less", 1 / 1.3), ("more", 1.3), ("more", 6.0)])
@pytest.mark.parametrize("size", [9, 64, 131])
def test_contrast_is_its_definition(direction: str, gain: float, size: int) -> None:
    image = natural_patches(1, size=size)[0]
    factor = gain if direction == "more" else 1 / gain
    expected = np.clip(image.mean() + gain * (image - image.mean()), 0, 255)
    assert largest_difference(operator("contrast").apply(image, factor=factor, direction=direction), expected) <= 0.65


@pytest.mark.parametrize("hue", [0.0, 45.0, 123.0, 300.0])
def test_color_shift_is_its_definition(hue: float) -> None:
    blue, red = 50 * math.cos(math.radians(hue)), 50 * math.sin(math.radians(hue))
    # ITU-T T.871, written as its inverse: Cb and Cr change by (blue, red), Y does not.
    forward = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    expected = np.clip(PATCH + np.linalg.solve(forward, [0, blue, red]), 0, 255)
    assert largest_difference(operator("color_shift").apply(PATCH, amount=50.0, hue=hue), expected) <= 0.51


def test_lightness_shift_adds_levels_and_clips() -> None:
    lighter = operator("lightness_shift").apply(PATCH, amount=40, direction="lighter")
    darker = operator("lightness_shift").apply(PATCH, amount=40, direction="darker")
    assert np.array_equal(lighter, np.minimum(PATCH.astype(int) + 40, 255))
    assert np.array_equal(darker, np.maximum(PATCH.astype(int) - 40, 0))


RAMP = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)


@pytest.mark.parametrize(("direction", "exponent"), [("darker", 2.2), ("lighter", 1 / 2.2)])
def test_gamma_is_that_of_scikit_image(direction: str, exponent: float) -> None:
    result = operator("gamma").apply(PATCH, factor=2.2, direction=direction)
    assert np.array_equal(result, np.rint(255 * skimage.exposure.adjust_gamma(PATCH / 255, exponent)))  # pyright: ignore[reportArgumentType]


def test_exposure_doubles_linear_light_per_stop_and_clips() -> None:
    over = operator("exposure").apply(RAMP, stops=1.0, direction="over")[0, :, 0]
    under = operator("exposure").apply(RAMP, stops=1.0, direction="under")[0, :, 0]
    # Levels by the formula of IEC 61966-2-1: 188 is half of the light of white.
    assert [int(over[level]) for level in (0, 5, 128, 188, 255)] == [0, 10, 176, 255, 255]
    assert [int(under[level]) for level in (0, 10, 176, 255)] == [0, 5, 128, 188]


@pytest.mark.parametrize("middle", [0.35, 0.5, 0.65])
def test_a_steeper_tone_curve_is_that_of_imagemagick(middle: float) -> None:
    # The formula of its manual for -sigmoidal-contrast.
    def logistic(value: np.ndarray | float) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(8 * (middle - value))))

    expected = (logistic(PATCH / 255) - logistic(0)) / (logistic(1) - logistic(0))
    result = operator("tone_curve").apply(PATCH, steepness=8.0, middle=middle, direction="steeper")
    assert largest_difference(result, 255 * expected) <= 0.501


def test_tone_curves_are_inverse_and_keep_black_and_white() -> None:
    steeper, flatter = (
        operator("tone_curve").apply(RAMP, steepness=5.0, middle=0.4, direction=direction)
        for direction in ("steeper", "flatter")
    )
    assert {int(curve[0, 0, 0]) for curve in (steeper, flatter)} == {0}
    assert {int(curve[0, -1, 0]) for curve in (steeper, flatter)} == {255}
    back = operator("tone_curve").apply(flatter, steepness=5.0, middle=0.4, direction="steeper")
    assert largest_difference(back, RAMP) <= 2  # flat parts are rounded
    assert int(np.diff(steeper[0, 90:115, 0].astype(int)).sum()) > 25


@pytest.mark.parametrize(("direction", "gain"), [("less", 0.25), ("more", 1.75)])
def test_lab_saturation_is_that_of_scikit_image(direction: str, gain: float) -> None:
    muted = (96 + PATCH // 4).astype(np.uint8)
    expected = 255 * skimage.color.lab2rgb(skimage.color.rgb2lab(muted) * [1, gain, gain])
    result = operator("lab_saturation").apply(muted, direction=direction, amount=0.75)
    assert largest_difference(result, expected) <= 1


def test_no_lab_saturation_is_grey_of_the_same_lightness() -> None:
    grey = operator("lab_saturation").apply(PATCH, direction="less", amount=1.0)
    assert (grey == grey[..., :1]).all()
    lightness = [skimage.color.rgb2lab(image)[..., 0] for image in (PATCH, grey)]
    assert np.abs(lightness[0] - lightness[1]).max() < 0.4


@pytest.mark.parametrize(("direction", "sign"), [("forward", 1), ("backward", -1)])
def test_hue_turns_by_its_angle_and_keeps_lightness_and_chroma(direction: str, sign: int) -> None:
    muted = (96 + PATCH // 4).astype(np.uint8)
    result = operator("hue_turn").apply(muted, angle=60.0, direction=direction)
    before, after = (skimage.color.lab2lch(skimage.color.rgb2lab(image)) for image in (muted, result))
    assert np.abs(after[..., :2] - before[..., :2]).max() < 0.8
    coloured = before[..., 1] > 8
    turned = np.degrees(after[..., 2] - before[..., 2])[coloured]
    assert np.abs((turned - sign * 60 + 180) % 360 - 180).max() < 6  # a rounded level is a few degrees


@pytest.mark.parametrize(("amount", "direction"), [(0.4, "darker"), (0.3, "lighter"), (1.0, "lighter")])
def test_lightness_curve_is_that_of_kadid(amount: float, direction: str) -> None:
    def bend(values: np.ndarray) -> np.ndarray:
        through = np.polyfit([0, 0.5, 1], [0, 0.5 + (amount if direction == "lighter" else -amount) / 2, 1], 2)
        return np.polyval(through, values).clip(0, 1)

    expected = bend(PATCH / 255)
    if direction == "lighter":
        lab = skimage.color.rgb2lab(PATCH)
        lab[..., 0] = 100 * bend(lab[..., 0] / 100)
        expected = (2 * expected + skimage.color.lab2rgb(lab)) / 3
    result = operator("lightness_curve").apply(PATCH, direction=direction, amount=amount)
    assert largest_difference(result, 255 * expected) <= 1.2


@pytest.mark.parametrize("sigma", [1.0, 3.0, 9.0])
def test_color_diffusion_blurs_a_and_b_alone(sigma: float) -> None:
    view = natural_views(1, margin=40)[0]
    lab = skimage.color.rgb2lab(view.image)
    blurred = np.dstack([lab[..., 0], *(ndimage.gaussian_filter(lab[..., k], sigma) for k in (1, 2))])
    expected = trimmed(np.rint(255 * skimage.color.lab2rgb(blurred)), view.margin)
    op = operator("color_diffusion")
    result = op(view, {"sigma": sigma})
    # Boxes instead of a Gaussian from 2 px on.
    assert np.abs(result - expected).mean() < (0.3 if sigma < 2 else 1.0)
    assert np.abs(result - expected).mean() < 0.25 * np.abs(result.astype(float) - view.centre).mean()
    grey = View(view.image[..., :1].repeat(3, axis=2), view.margin, view.patch)
    assert np.array_equal(op(grey, {"sigma": sigma}), grey.centre)


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    # Planck's law under the CIE 1931 observer (Wyszecki and Stiles 1982); 2856 K is illuminant A.
    [(2856, 0.4476, 0.4074), (2000, 0.5267, 0.4133), (4000, 0.3805, 0.3768), (6500, 0.3135, 0.3237)],
)
def test_black_bodies_have_their_chromaticity(kelvin: float, x: float, y: float) -> None:
    rgb = np.array(planckian_rgb(1e6 / kelvin))
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    assert xyz[1] == pytest.approx(1, abs=1e-3)
    assert (xyz[0] / xyz.sum(), xyz[1] / xyz.sum()) == pytest.approx((x, y), abs=2e-3)


def test_white_balance_turns_grey_orange_or_blue_and_keeps_its_luminance() -> None:
    grey = np.full((8, 8, 3), 120, np.uint8)
    warm, cool = (
        operator("white_balance").apply(grey, shift=150.0, direction=direction)[0, 0].astype(int)
        for direction in ("warm", "cool")
    )
    assert warm[0] > warm[1] > warm[2]
    assert cool[0] < cool[1] < cool[2]
    for colour in (warm, cool):
        light = to_linear(np.array([[colour]], np.uint8))[0, 0] @ np.array([0.2126, 0.7152, 0.0722])
        assert light == pytest.approx(float(to_linear(grey)[0, 0, 0]), rel=0.02)


def test_white_balance_and_its_reverse_cancel() -> None:
    muted = (110 + PATCH // 8).astype(np.uint8)
    op = operator("white_balance")
    back = op.apply(op.apply(muted, shift=80.0, direction="warm"), shift=80.0, direction="cool")
    # Both keep the luminance of grey, so a factor common to all channels remains.
    light, of_back = to_linear(muted).reshape(-1, 3), to_linear(back).reshape(-1, 3)
    gains = (of_back / light).mean(axis=0)
    assert np.ptp(gains) < 0.02


def test_an_illumination_gradient_rises_by_its_stops_over_the_patch() -> None:
    grey = np.full((64, 64, 3), 90, np.uint8)
    result = operator("illumination_gradient")(grey, {"stops": 2.0, "angle": 0.0, "neutral": 0.25})
    assert (result == result[:1]).all()
    gain = np.log2(to_linear(result)[0, :, 0] / to_linear(grey)[0, :, 0])
    assert np.abs(gain - 2 * ((np.arange(64) - 31.5) / 64 - 0.25)).max() < 0.03  # half a level


def test_a_vignette_is_the_fourth_power_of_a_cosine() -> None:
    grey = np.full((64, 64, 3), 200, np.uint8)
    result = operator("vignette")(grey, {"stops": 2.0, "centre_x": 0.5, "centre_y": -0.5})
    y, x = np.mgrid[:64, :64]
    focal = 64 / np.tan(np.arccos(2.0 ** (-2 / 4)))  # two stops at one side of the patch
    cosine = np.cos(np.arctan(np.hypot(x - 31.5 - 32, y - 31.5 + 32) / focal))
    expected = to_srgb((to_linear(grey) * (cosine**4)[..., None]).astype(np.float32))
    assert largest_difference(result, expected) <= 1


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("illumination_gradient", {"stops": 3.0, "angle": 30.0, "neutral": 0.1}),
        ("vignette", {"stops": 3.0, "centre_x": 0.3, "centre_y": -0.8}),
    ],
)
def test_shading_belongs_to_the_patch_whatever_a_later_operator_needs(name: str, params: dict[str, float]) -> None:
    view = natural_views(1, margin=20)[0]
    larger = operator(name)(View(view.image, 0, view.patch), params)
    assert np.array_equal(trimmed(larger, 20), operator(name)(view, params))
