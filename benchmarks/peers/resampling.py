"""Equivalents of the operators of `resampling` in other libraries: their grids start at the corner of the patch."""

from __future__ import annotations

from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
import torch
from collect_peers import Peer
from PIL import Image as PillowImage
from scipy.special import j1
from torchvision.transforms.v2 import functional as tv

from bappsmith.distortions import Image

Kernel = PillowImage.Resampling
BICUBIC = tv.InterpolationMode.BICUBIC


def smaller(i: Image, factor: float) -> tuple[int, int]:
    return max(1, round(i.shape[1] / factor)), max(1, round(i.shape[0] / factor))


def by_opencv(i: Image, factor: float, down: int, up: int) -> Any:
    return cv2.resize(cv2.resize(i, smaller(i, factor), interpolation=down), i.shape[1::-1], interpolation=up)


def by_pillow(i: Image, factor: float, kernel: Kernel) -> Any:
    reduced = PillowImage.fromarray(i).resize(smaller(i, factor), kernel)
    return np.array(reduced.resize(i.shape[1::-1], kernel))


def resized(i: Image, p: Any, kernel: Kernel, interpolation: int) -> Any:
    if p.antialiased:
        return by_pillow(i, p.factor, kernel)
    return by_opencv(i, p.factor, interpolation, interpolation)


def by_torchvision(t: torch.Tensor, p: Any) -> Any:
    width, height = (max(1, round(side / p.factor)) for side in (t.shape[2], t.shape[1]))
    reduced = tv.resize(t, [height, width], BICUBIC, antialias=p.antialiased)
    return tv.resize(reduced, list(t.shape[1:]), BICUBIC, antialias=False)


def sinc(i: Image, p: Any) -> Any:
    y, x = np.mgrid[-p.radius : p.radius + 1, -p.radius : p.radius + 1]
    r = np.hypot(x, y)
    r[p.radius, p.radius] = 1e-6
    kernel = p.cutoff * j1(np.pi * p.cutoff * r) / (2 * r)
    return cv2.filter2D(i, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101)


def sharpened(i: Image, p: Any) -> Any:
    return cv2.addWeighted(i, 1 + p.amount, cv2.GaussianBlur(i, (0, 0), p.sigma), -p.amount, 0)


def rebuilt(i: Image, p: Any) -> Any:
    known = (np.random.default_rng(p.places_seed).random(i.shape[:2], np.float32) < p.density).astype(np.float32)
    sigma = 0.7 / np.sqrt(p.density)
    colours = cv2.GaussianBlur(i * known[..., None], (0, 0), sigma)
    filled = cv2.convertScaleAbs(colours / cv2.GaussianBlur(known, (0, 0), sigma)[..., None])
    return np.where(known[..., None] > 0, i, filled)


PEERS: dict[str, dict[str, Peer]] = {
    "nearest_resize": {
        "cv2.resize": lambda i, t, p: by_opencv(i, p.factor, cv2.INTER_NEAREST, cv2.INTER_NEAREST),
        "albumentations downscale": lambda i, t, p: ap.downscale(i, 1 / p.factor, cv2.INTER_NEAREST, cv2.INTER_NEAREST),
    },
    "bicubic_resize": {
        "Pillow or cv2.resize": lambda i, t, p: resized(i, p, Kernel.BICUBIC, cv2.INTER_CUBIC),
        "torchvision resize": lambda i, t, p: by_torchvision(t, p),
    },
    "lanczos_resize": {
        "Pillow or cv2.resize": lambda i, t, p: resized(i, p, Kernel.LANCZOS, cv2.INTER_LANCZOS4),
    },
    "pixelate": {
        "cv2.resize": lambda i, t, p: by_opencv(i, p.size, cv2.INTER_AREA, cv2.INTER_NEAREST),
        "albumentations downscale": lambda i, t, p: ap.downscale(i, 1 / p.size, cv2.INTER_AREA, cv2.INTER_NEAREST),
    },
    "sinc_ringing": {"cv2.filter2D": lambda i, t, p: sinc(i, p)},
    "over_sharpening": {
        "cv2.GaussianBlur, cv2.addWeighted": lambda i, t, p: sharpened(i, p),
        "albumentations unsharp_mask": lambda i, t, p: ap.unsharp_mask(i, 0, p.sigma, p.amount, 0),
    },
    "sparse_sampling": {"cv2.GaussianBlur of floats": lambda i, t, p: rebuilt(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
