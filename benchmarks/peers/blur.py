"""Equivalents of the operators of `blur` in other libraries."""

from __future__ import annotations

import math
from typing import Any

import albumentations.augmentations.blur.functional as ab
import cv2
import numpy as np
from collect_peers import Peer
from skimage.restoration import denoise_tv_chambolle

from bappsmith.distortions import Image

MIRROR = cv2.BORDER_REFLECT_101


def turned(radius: int, angle: float) -> tuple[Any, Any]:
    """Distances along and across a direction from the centre of a kernel."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cos + y * sin, y * cos - x * sin


def anisotropic(i: Image, p: Any) -> Any:
    u, v = turned(math.ceil(3 * p.sigma), p.angle)
    kernel = np.exp(-(u**2 + (v / p.ratio) ** 2) / (2 * p.sigma**2))
    return cv2.filter2D(i, -1, kernel / kernel.sum(), borderType=MIRROR)


def motion(i: Image, p: Any) -> Any:
    half = (p.length - 1) / 2
    u, v = turned(math.ceil(half), p.angle)
    kernel = np.maximum(1 - np.hypot(v, np.maximum(np.abs(u) - half, 0)), 0)
    return cv2.filter2D(i, -1, kernel / kernel.sum(), borderType=MIRROR)


def defocus(i: Image, p: Any) -> Any:
    u, v = turned(math.ceil(p.radius + 0.5) - 1, 0)
    kernel = np.clip(p.radius + 0.5 - np.hypot(u, v), 0, 1)
    return cv2.filter2D(i, -1, kernel / kernel.sum(), borderType=MIRROR)


def scales(i: Image, p: Any) -> Any:
    reach = p.length / min(i.shape[:2])
    count = max(2, math.ceil(p.length * (1 + 2 * max(abs(p.centre_x), abs(p.centre_y)))))
    return np.exp(np.linspace(-reach, reach, count))


def zoom(i: Image, p: Any) -> Any:
    (height, width), side = i.shape[:2], min(i.shape[:2])
    x, y = (width - 1) / 2 + p.centre_x * side, (height - 1) / 2 + p.centre_y * side
    total = np.zeros(i.shape, np.float32)
    for s in scales(i, p):
        matrix = np.array([[s, 0, x * (1 - s)], [0, s, y * (1 - s)]])
        cv2.accumulate(cv2.warpAffine(i, matrix, (width, height), borderMode=MIRROR), total)
    return cv2.convertScaleAbs(total, alpha=1 / len(scales(i, p)))


def frosted(i: Image, p: Any) -> Any:
    delta = max(1, round(p.spread))
    rng = np.random.default_rng(p.places_seed)
    places = rng.integers(-delta, delta, ((i.shape[0] - 2 * delta) * (i.shape[1] - 2 * delta), 1, 2))
    return ab.glass_blur(i, p.sigma, delta, 1, places, "fast")


def total_variation(i: Image, p: Any) -> Any:
    image = denoise_tv_chambolle(i.astype(np.float32), p.weight, eps=0, max_num_iter=30, channel_axis=2)
    return cv2.convertScaleAbs(image)


PEERS: dict[str, dict[str, Peer]] = {
    "anisotropic_blur": {"cv2.filter2D": lambda i, t, p: anisotropic(i, p)},
    "motion_blur": {"cv2.filter2D of levels": lambda i, t, p: motion(i, p)},
    "defocus_blur": {
        "cv2.filter2D of levels": lambda i, t, p: defocus(i, p),
        "albumentations defocus": lambda i, t, p: ab.defocus(i, round(p.radius), 0.1),
    },
    "zoom_blur": {
        "cv2.warpAffine of levels": lambda i, t, p: zoom(i, p),
        "albumentations zoom_blur": lambda i, t, p: ab.zoom_blur(i, scales(i, p)[len(scales(i, p)) // 2 :]),
    },
    "glass_blur": {"albumentations glass_blur": lambda i, t, p: frosted(i, p)},
    "median_blur": {
        "cv2.medianBlur": lambda i, t, p: cv2.medianBlur(i, 2 * math.ceil(p.radius) + 1),
        "albumentations median_blur": lambda i, t, p: ab.median_blur(i, 2 * math.ceil(p.radius) + 1),
    },
    "nonlocal_means": {
        "cv2.fastNlMeansDenoising": lambda i, t, p: cv2.fastNlMeansDenoising(i, None, p.strength, 3, 7),
    },
    "total_variation": {"skimage denoise_tv_chambolle": lambda i, t, p: total_variation(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
