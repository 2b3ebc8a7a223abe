"""Cut a square from a photograph and reduce it to the size of a patch, with the pixels around it."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import window
from bappsmith.manifests.schema.triplet import Crop


def cut(photograph: Image, crop: Crop, patch: int, margin: int) -> Image:
    """Cut a crop with its surroundings.

    A crop that is k times as large as the patch is first averaged over squares of round(k) pixels, then interpolated
    linearly, in integer arithmetic to 1/32 px. The patch in the middle of the result does not depend on the margin.

    Args:
        photograph: uint8 H×W×3 RGB.
        crop: a square in the photograph.
        patch: side of the result without its margin, px.
        margin: px around the patch, on each side. Beyond the photograph, it is mirrored.

    Returns:
        uint8 (patch + 2·margin)×(patch + 2·margin)×3 RGB, contiguous.
    """
    if crop.side == patch:
        side = patch + 2 * margin
        return window(photograph, crop.y - margin, crop.x - margin, side, side).copy()
    factor = max(1, round(crop.side / patch))
    step = crop.side / (patch * factor)
    positions = np.rint((np.arange(-margin, patch + margin) + 0.5) * (32 * step) - 16).astype(np.int32)
    whole, fraction = positions >> 5, positions & 31
    first, count = int(whole[0]), int(whole[-1] - whole[0]) + 2
    pixels = window(photograph, crop.y + first * factor, crop.x + first * factor, count * factor, count * factor)
    if factor > 1:
        pixels = cv2.resize(pixels, (count, count), interpolation=cv2.INTER_AREA)
    neighbours = np.empty((len(whole), len(whole), 2), np.int16)
    neighbours[..., 0] = whole - first
    neighbours[..., 1] = (whole - first)[:, None]
    weights = ((fraction << 5)[:, None] | fraction).astype(np.uint16)
    return np.asarray(cv2.remap(pixels, neighbours, weights, cv2.INTER_LINEAR), np.uint8)
