"""From light to picture, as a camera does it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.bayer import PATTERNS, REACH, demosaic, mosaic
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.parameters import Choice, Nuisance, Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_BLACK, _WHITE = 4096, 65535
"""Levels of the sensor without light and at saturation. Noise goes below black."""
_LIGHT = 16384
"""Levels of light that is 1, before exposure: an exposure of up to two stops too much fits into 16 bits."""
_CHROMA_SIGMA, _SHARPEN_SIGMA = 1.5, 0.7
"""Px, of the blurs that denoise chroma and that sharpening is the difference from."""
_BLURS = 2 * math.ceil(3 * _CHROMA_SIGMA)
"""Reach of both blurs, px."""


@register
class SensorPipeline(Distortion):
    """A photograph taken again with little light: exposed, counted, interpolated, balanced, denoised and sharpened.

    1. Light is mixed between channels by overlapping filters, divided by the gains of white balance, and falls on a
       sensor with twice as many rows and columns, that has one colour per pixel. At `exposure` stops too much, white
       saturates.
    2. Each pixel gets the noise of photons, of variance light / photons, and of reading, whose variance follows that of
       the photons as in Brooks et al. 2019. Values become 16 bits.
    3. Demosaicing; reduction to the size of the picture; gains of white balance with an error; the matrix that undoes
       the mixing, and amplifies the noise.
    4. sRGB; chroma is blurred; the picture is sharpened.

    Severity is mostly the number of photons, which is divided by two for each doubling of ISO. With all the light that
    there is, sampling and interpolation still soften fine detail, and sharpening brings back a part of it. So the mild
    end does .4 points of damage at 64 px, not less.
    """

    source = "Brooks et al. 2019 (Unprocessing Images for Learned Raw Denoising), steps, gains and noise; range ours"
    photons = Severity(mild=10000.0, severe=20.0, unit="photons at white, in green", scale="log")
    exposure = Severity(mild=0.01, severe=0.3, unit="stops too much", scale="log")
    balance_error = Severity(mild=0.005, severe=0.08, unit="of the gain", scale="log")
    balance_hue = Nuisance(0.0, 360.0, unit="degrees, between too much red (0) and too much blue (90)")
    red_gain = Nuisance(1.9, 2.4, unit="of green")
    blue_gain = Nuisance(1.5, 1.9, unit="of green")
    overlap = Nuisance(0.2, 0.8, unit="of the mean of all channels, added to each")
    algorithm = Choice(("bilinear", "edge-aware"), unit="interpolation")
    pattern = Choice(PATTERNS, unit="colours of the first 2×2 pixels")
    denoising = Severity(mild=0.05, severe=0.9, unit="share of chroma that is blurred, σ 1.5 px", scale="log")
    sharpening = Nuisance(1.0, 1.6, unit="of the difference from a blur of σ 0.7 px")
    noise_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of interpolation and blurs."""
        return REACH + _BLURS

    def apply(
        self,
        view: View,
        *,
        photons: float,
        exposure: float,
        balance_error: float,
        balance_hue: float,
        red_gain: float,
        blue_gain: float,
        overlap: float,
        algorithm: str,
        pattern: str,
        denoising: float,
        sharpening: float,
        noise_seed: int,
    ) -> Image:
        """Take the picture again."""
        gains = np.array((red_gain, 1, blue_gain), np.float32)
        light = _mixed(to_linear(view.image), overlap) * (np.float32(_LIGHT * 2.0**exposure) / gains)
        falling = (light + np.float32(0.5)).astype(np.uint16)
        height, width = falling.shape[:2]
        # Weights are whole 16ths: floats hold their products and sums exactly, on every processor.
        falling = cv2.resize(falling, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        raw = _counted(mosaic(np.asarray(falling, np.uint16), pattern), photons, noise_seed)
        seen = cv2.resize(demosaic(raw, pattern, algorithm), (width, height), interpolation=cv2.INTER_AREA)
        angle = math.radians(balance_hue)
        error = np.array((math.cos(angle), 0, math.sin(angle)), np.float32) * np.float32(balance_error) + 1
        balanced = seen.astype(np.float32)
        balanced -= np.float32(_BLACK)
        balanced *= gains * error * np.float32(1 / (_WHITE - _BLACK))
        np.minimum(balanced, np.float32(1), out=balanced)  # where green is saturated, so is the picture: white
        developed = _denoised(to_srgb(_mixed(balanced, -overlap / (1 + overlap))), denoising)
        blurred = np.asarray(cv2.GaussianBlur(developed, (0, 0), _SHARPEN_SIGMA), np.uint8)
        return trimmed(mix(developed, blurred, -sharpening), view.margin)


def _mixed(light: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Add a share of the mean of all channels to each, and keep grey: (light + share · mean) / (1 + share)."""
    mean = light[..., 0] + light[..., 1]
    mean += light[..., 2]
    mean *= np.float32(share / 3)
    mixed = np.add(light, mean[:, :, None], dtype=np.float32)
    mixed *= np.float32(1 / (1 + share))
    return mixed


def _counted(falling: NDArray[np.uint16], photons: float, noise_seed: int) -> NDArray[np.uint16]:
    """Return the levels of a sensor, with the noise of photons and of reading."""
    reading = math.exp(2.18 * math.log(1 / photons) + 1.2)  # Brooks et al. 2019
    light = np.minimum(falling, _LIGHT).astype(np.float32)
    light *= np.float32(1 / _LIGHT)
    noise = light * np.float32(1 / photons)
    noise += np.float32(reading)
    np.sqrt(noise, out=noise)
    noise *= normal_field(noise_seed, light.shape)
    noise += light
    noise *= np.float32(_WHITE - _BLACK)
    noise += np.float32(_BLACK + 0.5)  # the half rounds
    return np.clip(noise, 0, _WHITE).astype(np.uint16)


def _denoised(image: Image, share: float) -> Image:
    """Blur chroma, by a share."""
    ycrcb = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb), np.uint8)
    mixed = mix(ycrcb, np.asarray(cv2.GaussianBlur(ycrcb, (0, 0), _CHROMA_SIGMA), np.uint8), share)
    mixed[..., 0] = ycrcb[..., 0]
    return np.asarray(cv2.cvtColor(mixed, cv2.COLOR_YCrCb2RGB), np.uint8)
