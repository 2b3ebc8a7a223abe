"""Types of ImageNet-C at its five levels for 64 px, where one of our operators has the same parameter."""

from __future__ import annotations

from bappsmith.distortions.blur.defocus_blur import DefocusBlur
from bappsmith.distortions.blur.gaussian_blur import GaussianBlur
from bappsmith.distortions.blur.zoom_blur import ZoomBlur
from bappsmith.distortions.composite import AtLevels
from bappsmith.distortions.compression.jpeg import Jpeg
from bappsmith.distortions.noise.gaussian_white_noise import GaussianWhiteNoise
from bappsmith.distortions.noise.impulse_noise import ImpulseNoise
from bappsmith.distortions.noise.speckle_noise import SpeckleNoise
from bappsmith.distortions.parameters import Choice, Levels
from bappsmith.distortions.photometric.contrast import Contrast
from bappsmith.distortions.registry import register
from bappsmith.distortions.resampling.pixelate import Pixelate

PAPER = "Hendrycks and Dietterich 2019 (ImageNet-C), the authors' code for Tiny ImageNet"

for operator in (
    AtLevels(
        "imagenet_c_gaussian_noise",
        GaussianWhiteNoise(),
        f"{PAPER}, gaussian_noise",
        sigma=Levels(tuple(255 * sigma for sigma in (0.04, 0.08, 0.12, 0.15, 0.18)), "levels of 255"),
    ),
    AtLevels(
        "imagenet_c_impulse_noise",
        ImpulseNoise(),
        f"{PAPER}, impulse_noise",
        density=Levels((0.01, 0.02, 0.05, 0.08, 0.14), "share of all values"),
    ),
    AtLevels(
        "imagenet_c_speckle_noise",
        SpeckleNoise(),
        f"{PAPER}, speckle_noise",
        sigma=Levels((0.15, 0.2, 0.25, 0.3, 0.35), "of the value"),
    ),
    AtLevels(
        "imagenet_c_gaussian_blur",
        GaussianBlur(),
        f"{PAPER}, gaussian_blur",
        sigma=Levels((0.5, 0.75, 1.0, 1.25, 1.5), "px"),
    ),
    AtLevels(
        "imagenet_c_defocus_blur",
        DefocusBlur(),
        f"{PAPER}, defocus_blur; here in linear light",
        radius=Levels((0.5, 1.0, 1.5, 2.5, 3.0), "px"),
    ),
    AtLevels(
        "imagenet_c_zoom_blur",
        ZoomBlur(),
        f"{PAPER}, zoom_blur, which only enlarges, by up to 1.05 … 1.25; here in linear light, both ways",
        length=Levels(tuple(round(32 * (zoom - 1), 2) for zoom in (1.05, 1.1, 1.15, 1.2, 1.25)), "px"),
        centre_x=Choice((0.0,), "patch, from the middle"),
        centre_y=Choice((0.0,), "patch, from the middle"),
    ),
    AtLevels(
        "imagenet_c_contrast",
        Contrast(),
        f"{PAPER}, contrast, there about the mean of each channel",
        factor=Levels(tuple(1 / kept for kept in (0.4, 0.3, 0.2, 0.1, 0.05)), "times"),
        direction=Choice(("less",), "divide contrast by the factor"),
    ),
    AtLevels(
        "imagenet_c_pixelate",
        Pixelate(),
        f"{PAPER}, pixelate",
        size=Levels(tuple(64 / int(64 * scale) for scale in (0.9, 0.8, 0.7, 0.6, 0.5)), "px"),
    ),
    AtLevels(
        "imagenet_c_jpeg",
        Jpeg(),
        f"{PAPER}, jpeg_compression",
        quality=Levels((65, 58, 50, 40, 25), "of 100, on libjpeg's scale"),
        sampling=Choice(("4:2:0",), "resolution of chroma"),
    ),
):
    register(operator)
