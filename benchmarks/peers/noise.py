"""Equivalents of the operators of `noise` in other libraries: all draw with the fastest generator at hand."""

from __future__ import annotations

import math
from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer

from bappsmith.distortions import Image


def normal(shape: tuple[int, ...], sigma: float) -> Any:
    # OpenCV would take a single σ for that of the first channel.
    return cv2.randn(np.empty((shape[0], math.prod(shape[1:])), np.float32), 0, sigma).reshape(shape)


def added(i: Image, field: Any) -> Any:
    return cv2.add(i, field, dtype=cv2.CV_8U)


def grey(i: Image, field: Any) -> Any:
    return added(i, cv2.merge([field] * 3))


def shot(i: Image, p: Any) -> Any:
    encoded = i / np.float32(255)
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = np.clip(np.random.default_rng(0).poisson(light * p.photons) / p.photons, 0, 1)
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * srgb).astype(np.uint8)


def impulses(i: Image, p: Any) -> Any:
    drawn = cv2.randu(np.empty((i.shape[0], 3 * i.shape[1]), np.float32), 0, 1).reshape(i.shape)
    return np.where(drawn < p.density / 2, 0, np.where(drawn > 1 - p.density / 2, 255, i))


def through_ycrcb(i: Image, luma: float, chroma: float) -> Any:
    noise = cv2.merge([normal(i.shape[:2], sigma) for sigma in (luma, chroma, chroma)])
    return cv2.cvtColor(added(cv2.cvtColor(i, cv2.COLOR_RGB2YCrCb), noise), cv2.COLOR_YCrCb2RGB)


def correlated(shape: tuple[int, ...], width: float, sigma: float) -> Any:
    return cv2.GaussianBlur(normal(shape, sigma * 2 * math.sqrt(math.pi) * width), (0, 0), width)


def masked(i: Image, p: Any) -> Any:
    luma = cv2.cvtColor(i, cv2.COLOR_RGB2GRAY)
    mean, square = cv2.boxFilter(luma, cv2.CV_32F, (7, 7)), cv2.sqrBoxFilter(luma, cv2.CV_32F, (7, 7))
    return grey(i, np.sqrt(np.maximum(square - mean * mean, 0)) * normal(luma.shape, p.gain))


def sine(i: Image, p: Any) -> Any:
    rows, columns = np.indices(i.shape[:2], np.float32)
    angle = math.radians(p.direction)
    turns = 2 * math.pi * p.frequency * (columns * math.cos(angle) + rows * math.sin(angle))
    return grey(i, p.amplitude * np.sin(turns + math.radians(p.phase)).astype(np.float32))


def banded(i: Image, p: Any) -> Any:
    shape = (i.shape[0], 1, 1) if p.lines == "rows" else (1, i.shape[1], 1)
    return added(i, np.broadcast_to(normal(shape, p.sigma), i.shape).copy())


def grain(i: Image, p: Any) -> Any:
    luma = cv2.cvtColor(i, cv2.COLOR_RGB2GRAY) / np.float32(255)
    strength = 0.2 + 3.2 * luma * (1 - luma)
    if p.film == "silver":
        return grey(i, correlated(luma.shape, p.size, p.sigma) * strength)
    return added(i, correlated(i.shape, p.size, p.sigma) * strength[..., None])


PEERS: dict[str, dict[str, Peer]] = {
    "poisson_noise": {
        "numpy poisson": lambda i, t, p: shot(i, p),
        "albumentations shot_noise, gamma 2.2": lambda i, t, p: ap.shot_noise(
            i, 1 / p.photons, np.random.default_rng(0)
        ),
    },
    "impulse_noise": {"cv2.randu, np.where": lambda i, t, p: impulses(i, p)},
    "speckle_noise": {
        "cv2.randn, cv2.multiply": lambda i, t, p: cv2.multiply(i, 1 + normal(i.shape, p.sigma), dtype=cv2.CV_8U),
    },
    # OpenCV draws one plane in less time than it takes to read ours from a stream of raw words with a key.
    "luma_noise": {"cv2.randn": lambda i, t, p: grey(i, normal(i.shape[:2], p.sigma))},
    "chroma_noise": {"cv2.COLOR_RGB2YCrCb": lambda i, t, p: through_ycrcb(i, 0, p.sigma)},
    "ycbcr_noise": {
        "cv2.COLOR_RGB2YCrCb": lambda i, t, p: through_ycrcb(i, p.sigma * 255 / 219, p.sigma * 255 / 224),
    },
    # OpenCV blurs floats otherwise on every level of SIMD; ours blurs 16-bit whole numbers, and noise beyond the
    # border too, which takes longer. film_grain does likewise.
    "correlated_noise": {
        "cv2.GaussianBlur of floats": lambda i, t, p: added(i, correlated(i.shape, p.width, p.sigma)),
    },
    # Ours works on 3 px more on each side, and in whole numbers.
    "masked_noise": {"cv2.sqrBoxFilter": lambda i, t, p: masked(i, p)},
    "periodic_noise": {"np.sin": lambda i, t, p: sine(i, p)},
    "row_banding": {"cv2.randn": lambda i, t, p: banded(i, p)},
    "film_grain": {"cv2.GaussianBlur of floats": lambda i, t, p: grain(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
