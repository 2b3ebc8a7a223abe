"""KADID-10k's types of distortion at its five levels, where one of our operators does the same."""

from __future__ import annotations

import math

from bappsmith.distortions.blur.defocus_blur import DefocusBlur
from bappsmith.distortions.blur.gaussian_blur import GaussianBlur
from bappsmith.distortions.blur.motion_blur import MotionBlur
from bappsmith.distortions.composite import AtLevels
from bappsmith.distortions.compression.jpeg import Jpeg
from bappsmith.distortions.compression.jpeg2000 import Jpeg2000
from bappsmith.distortions.noise.gaussian_white_noise import GaussianWhiteNoise
from bappsmith.distortions.noise.impulse_noise import ImpulseNoise
from bappsmith.distortions.noise.speckle_noise import SpeckleNoise
from bappsmith.distortions.noise.ycbcr_noise import YcbcrNoise
from bappsmith.distortions.overlay.color_block import ColorBlock
from bappsmith.distortions.parameters import Choice, Levels
from bappsmith.distortions.photometric.lab_saturation import LabSaturation
from bappsmith.distortions.photometric.lightness_curve import LightnessCurve
from bappsmith.distortions.photometric.lightness_shift import LightnessShift
from bappsmith.distortions.quantization.palette import Palette
from bappsmith.distortions.quantization.posterize import Posterize
from bappsmith.distortions.registry import register
from bappsmith.distortions.resampling.over_sharpening import OverSharpening
from bappsmith.distortions.resampling.pixelate import Pixelate
from bappsmith.distortions.spatial.block_shift import BlockShift
from bappsmith.distortions.spatial.jitter import Jitter

PAPER = "Lin, Hosu and Saupe 2019 (KADID-10k)"
_PIXELS = 512 * 384
"""Of its photographs."""


def _deviations(*variances: float) -> tuple[float, ...]:
    """Return standard deviations in levels of 255; the levels are variances of values in [0, 1]."""
    return tuple(255 * math.sqrt(variance) for variance in variances)


for operator in (
    AtLevels(
        "kadid10k_gaussian_blur",
        GaussianBlur(),
        f"{PAPER}, Gaussian blur",
        sigma=Levels((0.1, 0.5, 1.0, 2.0, 5.0), "px"),
    ),
    AtLevels(
        "kadid10k_lens_blur",
        DefocusBlur(),
        f"{PAPER}, lens blur; here in linear light",
        radius=Levels((1.0, 2.0, 4.0, 6.0, 8.0), "px"),
    ),
    AtLevels(
        "kadid10k_motion_blur",
        MotionBlur(),
        f"{PAPER}, motion blur; here in linear light",
        length=Levels((1.0, 2.0, 4.0, 6.0, 10.0), "px"),
    ),
    AtLevels(
        "kadid10k_color_quantization",
        Palette(),
        f"{PAPER}, color quantization, there of the whole photograph",
        colours=Levels((64, 48, 32, 16, 8), "colours"),
        dithered=Choice((True,), "errors are spread"),
    ),
    AtLevels(
        "kadid10k_color_saturation2",
        LabSaturation(),
        f"{PAPER}, color saturation 2: factors 1, 2, 3, 6, 9",
        direction=Choice(("more",), "chroma × (1 + amount)"),
        amount=Levels((0.0, 1.0, 2.0, 5.0, 8.0), "of the chroma"),
    ),
    AtLevels(
        "kadid10k_jpeg2000",
        Jpeg2000(),
        f"{PAPER}, JPEG2000: ratios 16, 32, 45, 120, 400 of the whole photograph, here the median PSNR that they give",
        psnr=Levels((33.0, 29.0, 28.0, 24.5, 21.0), "dB"),
    ),
    AtLevels(
        "kadid10k_jpeg",
        Jpeg(),
        f"{PAPER}, JPEG",
        quality=Levels((43, 36, 24, 7, 4), "of 100, on libjpeg's scale"),
        sampling=Choice(("4:2:0",), "resolution of chroma"),
    ),
    AtLevels(
        "kadid10k_white_noise",
        GaussianWhiteNoise(),
        f"{PAPER}, white noise",
        sigma=Levels(_deviations(0.001, 0.002, 0.003, 0.005, 0.01), "levels of 255"),
    ),
    AtLevels(
        "kadid10k_white_noise_color",
        YcbcrNoise(),
        f"{PAPER}, white noise in color component",
        sigma=Levels(_deviations(0.0001, 0.0005, 0.001, 0.002, 0.003), "levels of studio range"),
    ),
    AtLevels(
        "kadid10k_impulse_noise",
        ImpulseNoise(),
        f"{PAPER}, impulse noise",
        density=Levels((0.001, 0.005, 0.01, 0.02, 0.03), "share of all values"),
    ),
    AtLevels(
        "kadid10k_multiplicative_noise",
        SpeckleNoise(),
        f"{PAPER}, multiplicative noise, there uniformly distributed",
        sigma=Levels(tuple(math.sqrt(variance) for variance in (0.001, 0.005, 0.01, 0.02, 0.05)), "of the value"),
    ),
    AtLevels(
        "kadid10k_brighten",
        LightnessCurve(),
        f"{PAPER}, brighten",
        direction=Choice(("lighter",), "middle tones raised"),
        amount=Levels((0.1, 0.2, 0.4, 0.7, 1.1), "of white"),
    ),
    AtLevels(
        "kadid10k_darken",
        LightnessCurve(),
        f"{PAPER}, darken",
        direction=Choice(("darker",), "middle tones lowered"),
        amount=Levels((0.05, 0.1, 0.2, 0.4, 0.8), "of white"),
    ),
    AtLevels(
        "kadid10k_mean_shift",
        LightnessShift(),
        f"{PAPER}, mean shift: ±.08 and ±.15; its third level changes nothing",
        amount=Levels((20, 38), "levels of 255"),
    ),
    AtLevels(
        "kadid10k_jitter",
        Jitter(),
        f"{PAPER}, jitter",
        sigma=Levels((0.05, 0.1, 0.2, 0.5, 1.0), "px"),
    ),
    AtLevels(
        "kadid10k_non_eccentricity_patch",
        BlockShift(),
        f"{PAPER}, non-eccentricity patch: 20 to 100 blocks, here the share of the area that they have",
        share=Levels(tuple(count * 16**2 / _PIXELS for count in (20, 40, 60, 80, 100)), "of the area"),
        distance=Levels((8,), "px along an axis, at most"),
        block=Choice((16,), "side of a block in px"),
    ),
    AtLevels(
        "kadid10k_pixelate",
        Pixelate(),
        f"{PAPER}, pixelate, there by nearest neighbours",
        size=Levels(tuple(1 / (0.95 - strength**0.6) for strength in (0.01, 0.05, 0.1, 0.2, 0.5)), "px"),
    ),
    AtLevels(
        "kadid10k_quantization",
        Posterize(),
        f"{PAPER}, quantization: 20 to 7 thresholds after Otsu, here uniform steps with the same median PSNR",
        step=Levels((21.0, 27.0, 33.0, 43.0, 62.0), "levels of 255"),
    ),
    AtLevels(
        "kadid10k_color_block",
        ColorBlock(),
        f"{PAPER}, color block: 2 to 10 blocks of a sixteenth of the width, here the share of the area that they have",
        share=Levels(tuple(count * 32**2 / _PIXELS for count in (2, 4, 6, 8, 10)), "of the area"),
        opacity=Levels((1.0,), "fraction"),
        block=Choice((4,), "side of a block in px: a sixteenth of a patch of 64 px"),
    ),
    AtLevels(
        "kadid10k_high_sharpen",
        OverSharpening(),
        f"{PAPER}, high sharpen, there of lightness alone",
        amount=Levels((1.0, 2.0, 3.0, 6.0, 12.0), "times the difference"),
        sigma=Levels((3.0,), "px"),
    ),
):
    register(operator)
