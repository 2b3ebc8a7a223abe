"""Remove the colour of an image, but for hints: single pixels whose colour stays known.

Colour is the chroma of ITU-R BT.601 (Cb and Cr, in levels), as far as it is from grey; grey is the luma, in 255 levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.view import View

Chroma = NDArray[np.float32]
_PERIOD = 32
"""Cells after which the positions within cells repeat: more than a patch has."""
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


@dataclass(frozen=True, slots=True)
class Hints:
    """A grey image with the colour of a few of its pixels.

    Attributes:
        grey: luma, uint8 H×W.
        known: True where the colour is known, bool H×W; at least once.
        chroma: Cb and Cr less 128, in levels, float32 H×W×2; 0 where they are not known.
    """

    grey: NDArray[np.uint8]
    known: NDArray[np.bool_]
    chroma: Chroma


def decolour(image: Image, known: NDArray[np.bool_]) -> Hints:
    """Remove the colour of all pixels but the known ones.

    Args:
        image: uint8 H×W×3 RGB.
        known: bool H×W, True at least once.
    """
    planes = image.astype(np.float32)
    red, green, blue = planes[..., 0], planes[..., 1], planes[..., 2]
    luma = red * np.float32(_RED) + green * np.float32(_GREEN) + blue * np.float32(_BLUE)
    chroma = np.stack(((blue - luma) / np.float32(2 - 2 * _BLUE), (red - luma) / np.float32(2 - 2 * _RED)), axis=2)
    chroma[~known] = 0
    return Hints(np.rint(luma).astype(np.uint8), known, chroma)


def recolour(grey: NDArray[np.uint8], chroma: Chroma) -> Image:
    """Return the RGB image of a luma and a chroma, rounded and clipped: the inverse of `decolour`, to two levels.

    Args:
        grey: uint8 H×W.
        chroma: float32 H×W×2, see `Hints`.
    """
    blue, red = chroma[..., 0] * np.float32(2 - 2 * _BLUE), chroma[..., 1] * np.float32(2 - 2 * _RED)
    green = -(blue * np.float32(_BLUE) + red * np.float32(_RED)) / np.float32(_GREEN)
    return np.rint(np.clip(grey[..., None] + np.stack((red, green, blue), axis=2), 0, 255)).astype(np.uint8)


def hint_positions(view: View, spacing: float, sub_seed: int) -> NDArray[np.bool_]:
    """Choose the pixels whose colour is known: one anywhere in each cell of a grid that starts anywhere.

    Positions are counted from the centre of the patch, so that the hints of a pixel do not depend on the size of the
    view. If no cell has its hint inside of the view, the pixel nearest to one is taken.

    Args:
        view: the patch with its surroundings.
        spacing: side of the cells, px.
        sub_seed: seed of the positions.

    Returns:
        bool of the height and width of the view's image.
    """
    height, width = view.image.shape[:2]
    field = uniform_field(sub_seed, (2, _PERIOD * _PERIOD + 1)).astype(np.float64) / 2 + 0.5
    reach = [int(side / 2 / spacing) + 2 for side in (height, width)]
    i = np.arange(-reach[0], reach[0] + 1)[:, None] % _PERIOD
    j = np.arange(-reach[1], reach[1] + 1)[None, :] % _PERIOD
    within = field[:, 1:].reshape(2, _PERIOD, _PERIOD)[:, i, j] + field[:, :1, None]
    rows = (within[0] + np.arange(-reach[0], reach[0] + 1)[:, None]) * spacing + height / 2
    columns = (within[1] + np.arange(-reach[1], reach[1] + 1)[None, :]) * spacing + width / 2
    rows, columns = np.floor(rows).astype(int).ravel(), np.floor(columns).astype(int).ravel()
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    if not inside.any():
        outside = np.maximum(np.maximum(-rows, rows - height + 1), np.maximum(-columns, columns - width + 1))
        inside[np.argmin(outside)] = True
    known = np.zeros((height, width), np.bool_)
    known[np.clip(rows[inside], 0, height - 1), np.clip(columns[inside], 0, width - 1)] = True
    return known


def nearest_hint(hints: Hints) -> Chroma:
    """Return for every pixel the chroma of the nearest hint, float32 H×W×2."""
    rows, columns = np.nonzero(hints.known)
    unknown = np.where(hints.known, 0, 255).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(
        unknown, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.empty((len(rows) + 1, 2), np.float32)
    of_label[labels[rows, columns]] = hints.chroma[rows, columns]
    return of_label[labels]
