"""The middle frame between two frames, from the optical flow of their lumas."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

Flow = Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.float32]]
"""Two frames, uint8 H×W → how far each pixel of the first moves to the second, px (x, y), float32 H×W×2."""
_ROUNDS = 3
"""Rounds of the fixed point; for smooth flow, each divides the error by ten and more."""


def average(before: Image, after: Image) -> Image:
    """Return the mean of two frames, rounded up at one half."""
    return np.asarray(cv2.addWeighted(before, 0.5, after, 0.5, 0), np.uint8)


def between(before: Image, after: Image, flow: Flow) -> Image:
    """Move both frames half of the way to each other, and return their mean.

    The flow is that of the pixels of the first frame. That of the middle frame is the fixed point of
    m(x) = flow(x − m(x)/2). Frames are sampled by cubics: linear interpolation would blur them all.

    Args:
        before: uint8 H×W×3 RGB.
        after: the same size.
        flow: a method of optical flow.
    """
    first = flow(_luma(before), _luma(after))
    columns = np.arange(before.shape[1], dtype=np.float32)[None, :]
    rows = np.arange(before.shape[0], dtype=np.float32)[:, None]
    half = first / 2
    for _ in range(_ROUNDS):
        at = columns - half[..., 0], rows - half[..., 1]
        half = np.asarray(cv2.remap(first, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32) / 2
    moved = (
        cv2.remap(frame, columns + by[..., 0], rows + by[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        for frame, by in ((before, -half), (after, half))
    )
    return average(*(np.asarray(frame, np.uint8) for frame in moved))


def _luma(frame: Image) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def dis(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the flow by dense inverse search, down to full resolution; see `Flow`."""
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    method.setFinestScale(0)
    method.setPatchStride(2)  # with the preset's 3, results depend more on where the grid of patches starts
    return np.asarray(method.calc(before, after, np.zeros((*before.shape, 2), np.float32)), np.float32)


def farneback(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the flow by polynomial expansion; see `Flow`."""
    start = np.zeros((*before.shape, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(
        before, after, start, pyr_scale=0.5, levels=3, winsize=13, iterations=5, poly_n=5, poly_sigma=1.1, flags=0
    )
    return np.asarray(flow, np.float32)
