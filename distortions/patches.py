"""Natural patches that are always at hand: crops of the photographs inside scikit-image."""

from __future__ import annotations

from importlib import resources

import cv2
import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .base import Image
from .random import Draws

PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
"""Colour photographs of everyday things that scikit-image carries in its wheel, and never downloads."""


def natural_patches(count: int = 24, size: int = 64, seed: int = 0) -> list[Image]:
    """Square patches of photographs, the same ones for the same arguments.

    Each is a square of twice its size, halved by averaging; squares with nothing on them (standard
    deviation under 12 levels) are passed over.

    Args:
        count: how many.
        size: side in px, at most 150: the lowest of the photographs has 300 rows.
        seed: chooses the squares.

    Returns:
        `count` images, photographs taking turns.

    Raises:
        BappsmithError: `size` is too large, or scikit-image holds none of the photographs.
    """
    photographs = [_decode(name) for name in PHOTOGRAPHS if (resources.files("skimage.data") / name).is_file()]
    if not photographs:
        raise BappsmithError(f"scikit-image holds none of {', '.join(PHOTOGRAPHS)}; install it from its wheel anew")
    lowest = min(min(photograph.shape[:2]) for photograph in photographs)
    if not 8 <= size <= lowest // 2:
        raise BappsmithError(f"natural patches: size lies in [8, {lowest // 2}], found {size}")
    draws = Draws(seed)
    patches: list[Image] = []
    while len(patches) < count:
        photograph = photographs[len(patches) % len(photographs)]
        top = draws.integer(photograph.shape[0] - 2 * size + 1)
        left = draws.integer(photograph.shape[1] - 2 * size + 1)
        square = photograph[top : top + 2 * size, left : left + 2 * size]
        patch = np.asarray(cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
        if patch.std() >= 12:
            patches.append(patch)
    return patches


def _decode(name: str) -> Image:
    data = np.frombuffer((resources.files("skimage.data") / name).read_bytes(), np.uint8)
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
