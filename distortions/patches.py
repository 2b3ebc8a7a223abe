"""Natural patches that need no download: crops of the photographs inside scikit-image."""

from __future__ import annotations

import math
from functools import cache
from importlib import resources

import cv2
import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .image import Image
from .random import Draws
from .view import View, window

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
    photographs = _photographs()
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


def natural_views(count: int = 24, size: int = 64, margin: int = 0, seed: int = 0) -> list[View]:
    """Cut square patches with their surroundings from photographs. Equal arguments give equal views.

    Patch and surroundings are reduced together, by area averaging: by two, or by less where the photograph is too small
    for that. Photographs that are too small even at their own resolution are left out. If all are, the surroundings
    beyond their ends are mirrored. Nearly uniform patches (see `natural_patches`) are skipped.

    Args:
        count: number of views.
        size: side of the patch in px, 8 to 300: the smallest photograph has 300 rows.
        margin: px around the patch, on each side.
        seed: of the positions.

    Returns:
        `count` views of read-only images, uint8 (size + 2·margin)×(size + 2·margin)×3 RGB; photographs take turns.

    Raises:
        BappsmithError: `size` is out of range, or scikit-image holds none of the photographs.
    """
    photographs = _photographs()
    smallest = min(min(photograph.shape[:2]) for photograph in photographs)
    if not 8 <= size <= smallest:
        raise BappsmithError(f"natural views: size must be in [8, {smallest}], found {size}")
    whole = size + 2 * margin
    large = [photograph for photograph in photographs if min(photograph.shape[:2]) >= whole]
    side, around = (whole, 0) if large else (size, margin)
    draws = Draws(seed)
    views: list[View] = []
    while len(views) < count:
        photograph = (large or photographs)[len(views) % len(large or photographs)]
        shorter = min(photograph.shape[:2])
        taken = min(2 * side, shorter)
        reduced = math.ceil(around * taken / side)
        top = draws.integer(photograph.shape[0] - taken + 1)
        left = draws.integer(photograph.shape[1] - taken + 1)
        whole_square = taken + 2 * reduced
        square = window(photograph, top - reduced, left - reduced, whole_square, whole_square)
        resized = cv2.resize(square, (whole, whole), interpolation=cv2.INTER_AREA)
        image = np.asarray(resized, np.uint8)
        image.setflags(write=False)
        view = View(image, margin, (size, size))
        if view.centre.std() >= 12:
            views.append(view)
    return views


@cache
def _photographs() -> list[Image]:
    photographs = [_decode(name) for name in PHOTOGRAPHS if (resources.files("skimage.data") / name).is_file()]
    if not photographs:
        raise BappsmithError(
            f"scikit-image holds none of {', '.join(PHOTOGRAPHS)}; install scikit-image again from its wheel"
        )
    return photographs


def _decode(name: str) -> Image:
    data = np.frombuffer((resources.files("skimage.data") / name).read_bytes(), np.uint8)
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
