"""Equivalents of the operators of `photometric` in other libraries.

Where ours are slower: `gamma` rounds, which albumentations does not, and albumentations looks levels up with
StringZilla. Operators in CIELAB take 1.3 to 1.8 times as long as conversion by OpenCV in float32, which follows the
processor; `color_diffusion` also blurs real surroundings, 3σ around the patch. `vignette` multiplies light, its peer
levels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer
from torchvision.transforms.v2 import functional as tv

from bappsmith.distortions import Image
from bappsmith.distortions.photometric.white_balance import planckian_rgb

LEVELS = np.arange(256) / 255


def table(i: Image, values: Any) -> Any:
    return cv2.LUT(i, np.clip(np.rint(255 * values), 0, 255).astype(np.uint8))


def exponent(p: Any) -> float:
    return p.factor if p.direction == "darker" else 1 / p.factor


def light() -> Any:
    return np.where(LEVELS <= 0.04045, LEVELS / 12.92, ((LEVELS + 0.055) / 1.055) ** 2.4)


def encoded(values: Any) -> Any:
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def exposed(i: Image, p: Any) -> Any:
    return table(i, encoded(light() * 2 ** (p.stops if p.direction == "over" else -p.stops)))


def balanced(i: Image, p: Any) -> Any:
    gains = np.array(planckian_rgb(1e6 / 6504 + p.shift)) / planckian_rgb(1e6 / 6504)
    gains = gains if p.direction == "warm" else 1 / gains
    return table(i, encoded(light()[None, :, None] * (gains / (gains @ [0.2126, 0.7152, 0.0722]))))


def sigmoid(i: Image, p: Any) -> Any:
    low, high = (1 / (1 + math.exp(p.steepness * (p.middle - end))) for end in (0, 1))
    if p.direction == "steeper":
        return table(i, (1 / (1 + np.exp(p.steepness * (p.middle - LEVELS))) - low) / (high - low))
    return table(i, p.middle - np.log(1 / (low + LEVELS * (high - low)) - 1) / p.steepness)


def lab_float(i: Image, change: Callable[[Any], Any]) -> Any:
    lab = change(cv2.cvtColor(i.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB))
    return cv2.convertScaleAbs(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), alpha=255)


def chroma_scaled(i: Image, p: Any) -> Any:
    gain = 1 - p.amount if p.direction == "less" else 1 + p.amount
    return lab_float(i, lambda lab: lab * np.array([1, gain, gain], np.float32))


def hue_turned(i: Image, p: Any) -> Any:
    turn = math.radians(p.angle if p.direction == "forward" else -p.angle)
    c, s = math.cos(turn), math.sin(turn)
    return lab_float(i, lambda lab: cv2.transform(lab, np.array([[1, 0, 0], [0, c, -s], [0, s, c]], np.float32)))


def bent(i: Image, p: Any) -> Any:
    bend = -2 * p.amount if p.direction == "lighter" else 2 * p.amount
    curved = table(i, bend * LEVELS**2 + (1 - bend) * LEVELS)
    if p.direction == "darker":
        return curved

    def bend_lightness(lab: Any) -> Any:
        share = lab[..., 0] / 100
        lab[..., 0] = 100 * np.clip(bend * share * share + (1 - bend) * share, 0, 1)
        return lab

    return cv2.addWeighted(curved, 2 / 3, lab_float(i, bend_lightness), 1 / 3, 0)


def diffused(i: Image, p: Any) -> Any:
    def blur(lab: Any) -> Any:
        lab[..., 1:] = cv2.GaussianBlur(lab[..., 1:], (2 * math.ceil(3 * p.sigma) + 1,) * 2, p.sigma)
        return lab

    return lab_float(i, blur)


def in_linear_light(i: Image, gain: Any) -> Any:
    linear = cv2.LUT(i, light().astype(np.float32)) * gain[..., None].astype(np.float32)
    return cv2.convertScaleAbs(encoded(linear), alpha=255)


def gradient(i: Image, p: Any) -> Any:
    y, x = np.mgrid[: i.shape[0], : i.shape[1]] - np.array([[[(n - 1) / 2]] for n in i.shape[:2]])
    turn, side = math.radians(p.angle), min(i.shape[:2])
    return in_linear_light(i, 2 ** (p.stops * ((x * math.cos(turn) + y * math.sin(turn)) / side - p.neutral)))


def shaded(i: Image, p: Any) -> Any:
    side = min(i.shape[:2])
    y, x = np.mgrid[: i.shape[0], : i.shape[1]] - np.array([[[(n - 1) / 2]] for n in i.shape[:2]])
    squared = ((x - p.centre_x * side) ** 2 + (y - p.centre_y * side) ** 2) / side**2
    return in_linear_light(i, (1 + squared * (2 ** (p.stops / 2) - 1)) ** -2)


PEERS: dict[str, dict[str, Peer]] = {
    "gamma": {
        "numpy power, cv2.LUT": lambda i, t, p: table(i, LEVELS ** exponent(p)),
        "albumentations gamma_transform": lambda i, t, p: ap.gamma_transform(i, exponent(p)),
        "torchvision adjust_gamma": lambda i, t, p: tv.adjust_gamma(t, exponent(p)),
    },
    "exposure": {"numpy sRGB, cv2.LUT": lambda i, t, p: exposed(i, p)},
    "tone_curve": {"numpy exp, cv2.LUT": lambda i, t, p: sigmoid(i, p)},
    "white_balance": {
        "numpy sRGB, cv2.LUT": lambda i, t, p: balanced(i, p),
        "albumentations planckian_jitter, gains on levels": lambda i, t, p: ap.planckian_jitter(
            i, round(1e6 / (154 + p.shift)), "blackbody"
        ),
    },
    "lab_saturation": {"cv2.COLOR_RGB2LAB, float32": lambda i, t, p: chroma_scaled(i, p)},
    "hue_turn": {"cv2.COLOR_RGB2LAB, float32": lambda i, t, p: hue_turned(i, p)},
    "lightness_curve": {"cv2.LUT, cv2.COLOR_RGB2LAB": lambda i, t, p: bent(i, p)},
    "color_diffusion": {"cv2.COLOR_RGB2LAB, cv2.GaussianBlur": lambda i, t, p: diffused(i, p)},
    # albumentations multiplies levels, not light, by a gain that is linear along the angle.
    "illumination_gradient": {
        "numpy, cv2.LUT": lambda i, t, p: gradient(i, p),
        "albumentations apply_linear_illumination": lambda i, t, p: ap.apply_linear_illumination(
            i, 0.5, math.radians(p.angle)
        ),
    },
    "vignette": {
        "numpy, cv2.LUT": lambda i, t, p: shaded(i, p),
        "albumentations apply_gaussian_illumination": lambda i, t, p: ap.apply_gaussian_illumination(
            i, -0.5, (0.5 + p.centre_x, 0.5 + p.centre_y), 0.7
        ),
    },
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
