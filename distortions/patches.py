"""Natural patches that need no download: crops of the photographs inside scikit-image."""

from __future__ import annotations

from importlib import resources

import cv2
import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .image import Image
from .random import Draws

PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
"""Colour photographs of everyday things inside scikit-image's wheel."""


def natural_patches(count: int = 24, size: int = 64, seed: int = 0) -> list[Image]:
    """Cut square patches from photographs. Equal arguments give equal patches.

    Each is a square of twice its size, halved by area averaging. Nearly uniform patches (standard deviation below 12
    levels of 255, chosen by us) are skipped.

    Args:
        count: number of patches.
        size: side in px, 8 to 150: the smallest photograph has 300 rows.
        seed: of the positions.

    Returns:
        `count` images, uint8 size×size×3 RGB; photographs take turns.

    Raises:
        BappsmithError: `size` is out of range, or scikit-image holds none of the photographs.
    """
    photographs = [_decode(name) for name in PHOTOGRAPHS if (resources.files("skimage.data") / name).is_file()]
    if not photographs:
        raise BappsmithError(
            f"scikit-image holds none of {', '.join(PHOTOGRAPHS)}; install scikit-image again from its wheel"
        )
    smallest = min(min(photograph.shape[:2]) for photograph in photographs)
    if not 8 <= size <= smallest // 2:
        raise BappsmithError(f"natural patches: size must be in [8, {smallest // 2}], found {size}")
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
