"""Blur, sharpening and displaced pixels of KADID-10k (Lin, Hosu and Saupe 2019).

Each function takes a float64 image H×W×3 in [0, 1] and returns one; values outside of [0, 1] are clipped by the caller.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from kadid_colour import from_lab
from numpy.typing import NDArray
from skimage.color import rgb2lab

Image = NDArray[np.float64]


def gaussian_blur(image: Image, sigma: float) -> Image:
    """Blur with a Gaussian of σ `sigma` px, cut off at 2 σ."""
    return _gaussian(image, sigma)


def lens_blur(image: Image, radius: float) -> Image:
    """Average over a disk of `radius` px; pixels on its border count by their area inside."""
    fine, reach = 33, math.ceil(radius)
    offsets = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius**2
    side = 2 * reach + 1
    return _filter(image, inside.reshape(side, fine, side, fine).mean(axis=(1, 3)))


def motion_blur(image: Image, length: float, rng: np.random.Generator) -> Image:
    """Average along a line of `length` px, one pixel wide with soft edges, at a random angle."""
    angle = math.radians(rng.integers(0, 180))
    half = (length - 1) / 2
    reach = math.ceil(half)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    distance = np.hypot(across, np.maximum(np.abs(along) - half, 0))
    return _filter(image, np.maximum(1 - distance, 0))


def high_sharpen(image: Image, amount: float) -> Image:
    """Sharpen lightness by an unsharp mask of σ 3 px, weighted by `amount`."""
    lab = rgb2lab(image)
    lightness = np.ascontiguousarray(lab[..., 0])
    lab[..., 0] = lightness + amount * (lightness - _gaussian(lightness, 3.0))
    return from_lab(lab)


def jitter(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Displace every pixel by normal noise of σ `sigma` px, five times, with bilinear interpolation."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(5):
        dy, dx = rng.normal(0, sigma, (2, height, width)).astype(np.float32)
        image = cv2.remap(image, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return image


def non_eccentricity_patch(image: Image, count: float, rng: np.random.Generator) -> Image:
    """Copy `count` random patches of 16×16 px to places up to 8 px away, one after the other."""
    size, radius = 16, 16
    height, width = image.shape[:2]
    image = image.copy()
    for _ in range(round(count)):
        y, x = (radius + round(rng.random() * (side - size - 2 * radius)) for side in (height, width))
        to_y, to_x = (round((rng.random() - 0.5) * radius) + start for start in (y, x))
        image[to_y : to_y + size, to_x : to_x + size] = image[y : y + size, x : x + size].copy()
    return image


def pixelate(image: Image, strength: float) -> Image:
    """Reduce the image to 0.95 - strength^0.6 of its size and enlarge it again, both by nearest neighbours."""
    height, width = image.shape[:2]
    scale = 0.95 - strength**0.6
    reduced = _nearest(image, math.ceil(height * scale), math.ceil(width * scale))
    return _nearest(reduced, height, width)


def color_block(image: Image, count: float, rng: np.random.Generator) -> Image:
    """Cover the image with `count` squares, a sixteenth of its width wide (32 of 512 px), each of one random colour."""
    size = image.shape[1] // 16
    image = image.copy()
    for _ in range(round(count)):
        y, x = (math.floor(rng.random() * (side - size)) for side in image.shape[:2])
        image[y : y + size, x : x + size] = rng.random(3)
    return image


def _gaussian(image: Image, sigma: float) -> Image:
    side = 2 * math.ceil(2 * sigma) + 1
    return cv2.GaussianBlur(image, (side, side), sigma, borderType=cv2.BORDER_REFLECT)


def _filter(image: Image, kernel: NDArray[np.float64]) -> Image:
    return cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def _nearest(image: Image, height: int, width: int) -> Image:
    rows, columns = (
        ((np.arange(after) + 0.5) * before / after).astype(np.intp)
        for after, before in zip((height, width), image.shape[:2], strict=True)
    )
    return image[rows][:, columns]
