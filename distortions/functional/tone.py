"""Scale and shift the levels of an image, for photometric operators.

The library calls are those whose results do not change with the processor: whole numbers only.
"""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image

STEPS = 1024
"""cv2.transform works on uint8 in whole 1024ths, so factors are rounded to them."""


def shift_levels(image: Image, shift: tuple[float, float, float]) -> Image:
    """Add a number of levels to each channel.

    Args:
        image: uint8 H×W×3.
        shift: levels for each channel, rounded to whole ones; below 0 subtracts.

    Returns:
        A new image, uint8 H×W×3, clipped to [0, 255].
    """
    levels = [round(value) for value in shift]
    # Two calls with whole numbers of 0 and more stay in uint8: one with mixed signs takes three times as long.
    raised = cv2.add(image, (*(max(value, 0) for value in levels), 0)) if max(levels) > 0 else image
    lowered = cv2.subtract(raised, (*(max(-value, 0) for value in levels), 0)) if min(levels) < 0 else raised
    return np.asarray(lowered if lowered is not image else image.copy(), np.uint8)


def scale_levels(image: Image, gain: float, pivot: float) -> Image:
    """Scale the differences of all levels from one level: pivot + gain · (level - pivot).

    Args:
        image: uint8 H×W×3.
        gain: factor in [0, 32), rounded to 1024ths.
        pivot: the level that does not change.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    factor = round(gain * STEPS) / STEPS
    matrix = np.zeros((3, 4), np.float32)
    np.fill_diagonal(matrix, factor)
    matrix[:, 3] = round((1 - factor) * pivot * STEPS) / STEPS
    return np.asarray(cv2.transform(image, matrix), np.uint8)
