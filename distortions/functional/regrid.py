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


def regrid_margin(factor: float, kernel: PillowImage.Resampling) -> int:
    """Return how many px around a patch `regrid` needs.

    Args:
        factor: px per px of the coarser grid.
        kernel: of the interpolation.
    """
    return math.ceil((2 * _SUPPORT[kernel] + 1) * factor) + 1


def regrid(
    view: View, factor: float, phase: tuple[float, float], kernel: PillowImage.Resampling, *, antialiased: bool
) -> Image:
    """Reduce an image by a factor and enlarge it again.

    Args:
        view: with the margin of `regrid_margin`.
        factor: px per px of the coarser grid, at least 1.
        phase: how far the patch starts after a pixel of the coarser grid starts, in these px, in [0, 1): y and x.
        kernel: of the interpolation.
        antialiased: reduce with a kernel that is wider by the factor, as Pillow does. If False, read the image between
            four (bicubic) or eight (Lanczos) pixels, as OpenCV does: what is finer than the coarser grid is folded.

    Returns:
        A new image, uint8 H×W×3.
    """
    support = _SUPPORT[kernel]
    # The coarser grid starts `support` of its px and a part of one before the patch, and ends as far behind it.
    top, left = (view.margin - (support + part) * factor for part in phase)
    rows, columns = (math.ceil(n / factor + part) + 2 * support for n, part in zip(view.shape, phase, strict=True))
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
    y, x = (support + part for part in phase)
    box = (x, y, x + width / factor, y + height / factor)
    return np.array(reduced.resize((width, height), kernel, box), np.uint8)
