"""Sort the pixels of an enlarged image by their surroundings: direction, strength and coherence of the gradient."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

ANGLES = 8
STRENGTHS = (2.0, 8.0)
"""Limits of the root of the larger eigenvalue of the structure tensor, levels per px."""
COHERENCES = (0.5,)
"""Limits of (√λ₁ − √λ₂) / (√λ₁ + √λ₂)."""
BUCKETS = ANGLES * (len(STRENGTHS) + 1) * (len(COHERENCES) + 1)
TAPS = 9
"""Side of a filter, px."""


def buckets(grey: NDArray[np.float32], factor: int) -> NDArray[np.intp]:
    """Return the number of the bucket of every pixel, H×W in [0, BUCKETS).

    Args:
        grey: enlarged image, H×W, levels of 255.
        factor: px that one pixel became; the structure tensor is averaged over twice as many.
    """
    central = np.array([[-0.5, 0, 0.5]], np.float32)
    across, down = cv2.filter2D(grey, cv2.CV_32F, central), cv2.filter2D(grey, cv2.CV_32F, central.T)
    sigma = float(factor)
    xx, yy, xy = (cv2.GaussianBlur(p, (0, 0), sigma) for p in (across * across, down * down, across * down))
    root = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    first, second = (np.sqrt(np.maximum(0, (xx + yy + sign * root) / 2)) for sign in (1, -1))
    angle = np.arctan2(2 * xy, xx - yy) / (2 * math.pi) + 0.5
    direction = np.minimum((angle * ANGLES).astype(np.intp), ANGLES - 1)
    strength = np.digitize(first, STRENGTHS)
    coherence = np.digitize((first - second) / (first + second + np.float32(1e-3)), COHERENCES)
    return (direction * (len(STRENGTHS) + 1) + strength) * (len(COHERENCES) + 1) + coherence


def phases(shape: tuple[int, int], factor: int) -> NDArray[np.intp]:
    """Return the position of every pixel within the pixel that it came from, H×W in [0, factor²)."""
    return (np.arange(shape[0]) % factor)[:, None] * factor + np.arange(shape[1]) % factor


def surroundings(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the TAPS×TAPS px around every pixel, H×W×TAPS²; the border is mirrored."""
    padded = np.pad(grey, TAPS // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (TAPS, TAPS))
    return windows.reshape(*grey.shape, TAPS * TAPS)
