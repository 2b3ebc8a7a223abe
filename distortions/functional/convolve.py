"""Filter with a small kernel, with the same result on every processor.

OpenCV sums products in float32, in an order that follows the processor, and uses a Fourier transform from 130 weights
on. Here all products and sums are exact: pixels are whole numbers of at most 8 bits, weights whole 16384ths, and a
larger kernel is applied in bands of fewer weights. That is also faster than the transform.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View

STEPS = 1 << 14
"""Weights are whole 16384ths. With 8 bits of a pixel, sums need 24 binary digits as long as |weights| sum to 4."""
_MOST = 129
"""Largest number of weights that OpenCV sums directly."""
_FULL = 65535
"""Steps of linear light, as in `light`."""


def offsets(radius: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far each weight of a kernel is from its centre, in px: x as 1×N and y as N×1, N = 2·radius + 1."""
    steps = np.arange(-radius, radius + 1, dtype=np.float64)
    return steps[None, :], steps[:, None]


def filter_levels(view: View, kernel: NDArray[np.float64]) -> Image:
    """Filter an image in sRGB.

    Args:
        view: uint8, with a margin of at least (N - 1)/2 px.
        kernel: N×N, N odd, with a sum above 0; it is scaled to the sum 1. Weights are those of the pixel to the right
            and below, as in OpenCV (no matter for a kernel that is symmetric about its centre).

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    summed = _filter(view.image.astype(np.float32), _whole(kernel), view.margin)
    return np.clip(np.rint(summed, out=summed), 0, 255, out=summed).astype(np.uint8)


def filter_light(view: View, kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    """Filter an image in linear light, in steps of 1/65535: the higher and the lower 8 bits of 16, apart.

    Args:
        view: float32 in [0, 1], with a margin of at least (N - 1)/2 px.
        kernel: see `filter_levels`.

    Returns:
        float32 H×W×3.
    """
    fine = np.asarray(view.image, np.float32) * np.float32(_FULL)
    np.rint(fine, out=fine)
    coarse = fine * np.float32(1 / 256)
    np.floor(coarse, out=coarse)
    fine -= coarse * np.float32(256)
    weights = _whole(kernel)
    summed = _filter(coarse, weights, view.margin) * np.float32(256)
    summed += _filter(fine, weights, view.margin)
    summed *= np.float32(1 / _FULL)
    return summed


def _whole(kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the kernel in whole steps with the sum 1: the centre takes what rounding leaves."""
    weights = np.rint(kernel * (STEPS / kernel.sum()))
    centre = len(kernel) // 2
    weights[centre, centre] += STEPS - weights.sum()
    return (weights / STEPS).astype(np.float32)


def _filter(values: NDArray[np.float32], kernel: NDArray[np.float32], margin: int) -> NDArray[np.float32]:
    """Sum values in bands of rows of the kernel."""
    radius, height = len(kernel) // 2, values.shape[0] - 2 * margin
    columns = slice(margin - radius, values.shape[1] - margin + radius)
    rows = max(1, _MOST // len(kernel))
    total: NDArray[np.float32] | None = None
    for top in range(0, len(kernel), rows):
        band = kernel[top : top + rows]
        start = margin - radius + top
        part = values[start : start + height + len(band) - 1, columns]
        # Border pixels, which OpenCV mirrors, are cut off.
        summed = np.asarray(cv2.filter2D(part, cv2.CV_32F, band, anchor=(radius, 0)), np.float32)[:height]
        total = summed if total is None else np.add(total, summed, out=total)
    if total is None:
        raise ValueError("the kernel has no weights")
    return total[:, radius : total.shape[1] - radius]
