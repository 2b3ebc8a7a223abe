"""Reduce an image to a coarser grid that starts anywhere, and enlarge it again."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image as PillowImage

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View

BICUBIC, LANCZOS = PillowImage.Resampling.BICUBIC, PillowImage.Resampling.LANCZOS
_SUPPORT = {BICUBIC: 2, LANCZOS: 3}
"""Radius of a kernel of Pillow, in px of the coarser grid."""
_SAMPLED = {BICUBIC: cv2.INTER_CUBIC, LANCZOS: cv2.INTER_LANCZOS4}
"""The kernel of OpenCV that reads between pixels: of 4×4 and 8×8 px."""


def reduction_margin(factor: float, kernel: PillowImage.Resampling) -> int:
    """Return how many px around a patch `reduce_and_enlarge` needs.

    Args:
        factor: px per px of the coarser grid.
        kernel: of the interpolation.
    """
    return math.ceil((2 * _SUPPORT[kernel] + 1) * factor) + 1


def reduce_and_enlarge(
    view: View, factor: float, phase: tuple[float, float], kernel: PillowImage.Resampling, *, antialiased: bool
) -> Image:
    """Reduce an image by a factor and enlarge it again.

    Args:
        view: with the margin of `reduction_margin`.
        factor: px per px of the coarser grid, at least 1.
        phase: how far the middle is after the start of a pixel of the coarser grid, in these px, in [0, 1): y and x.
        kernel: of the interpolation.
        antialiased: reduce with a kernel that is wider by the factor, as Pillow does. If False, read the image between
            four (bicubic) or eight (Lanczos) pixels, as OpenCV does: what is finer than the coarser grid is folded.

    Returns:
        A new image, uint8 H×W×3.
    """
    (rows, top, down), (columns, left, across) = (
        _coarser(whole, part, factor, start, _SUPPORT[kernel])
        for whole, part, start in zip(view.image.shape, view.shape, phase, strict=False)
    )
    if antialiased:
        box = (left, top, left + columns * factor, top + rows * factor)
        reduced = PillowImage.fromarray(view.image).resize((columns, rows), kernel, box)
    else:
        x, y = ((np.arange(n) + 0.5) * factor + (start - 0.5) for n, start in ((columns, left), (rows, top)))
        places = np.dstack(np.broadcast_arrays(x, y[:, None])).astype(np.float32)
        whole, fraction = cv2.convertMaps(places, np.empty(0), cv2.CV_16SC2)
        sampled = cv2.remap(view.image, whole, fraction, _SAMPLED[kernel], borderMode=cv2.BORDER_REFLECT_101)
        reduced = PillowImage.fromarray(np.asarray(sampled, np.uint8))
    height, width = view.shape
    box = (across, down, across + width / factor, down + height / factor)
    return np.array(reduced.resize((width, height), kernel, box), np.uint8)


def _coarser(whole: int, part: int, factor: float, phase: float, support: int) -> tuple[int, float, float]:
    """Return the pixels of the coarser grid along an axis that the middle `part` of `whole` px needs.

    Returns:
        Their number, where the first one starts in px of the image, and where the part starts in px of theirs.
    """
    half = part / (2 * factor)
    first, end = math.floor(phase - half) - support, math.ceil(phase + half) + support
    return end - first, whole / 2 + (first - phase) * factor, phase - half - first
