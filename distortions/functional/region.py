"""Regions of an image with a soft edge, as masks.

Only sums, products and comparisons of single numbers are used, which every processor rounds alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import Draws, uniform_field

KINDS = ("disc", "half-plane", "rectangle", "blob")
_CELLS = 4
"""Cells of a blob's noise along the longer side of the patch."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a patch.

    Attributes:
        kind: one of `KINDS`.
        area: share of the patch, in (0, 1).
        edge: width of the soft edge, px.
        seed: of place, angle and proportions.
    """

    kind: str
    area: float
    edge: float
    seed: int


def region_mask(shape: tuple[int, int], patch: tuple[int, int], region: Region) -> NDArray[np.float32]:
    """Return the mask of a region.

    Args:
        shape: height and width of the mask, px.
        patch: height and width of the patch at its centre, px: what `area` refers to. The region goes on around it.
        region: the region.

    Returns:
        float32 H×W in [0, 1]: 1 inside, 0 outside.
    """
    height, width = shape
    y = (np.arange(height, dtype=np.float64) - (height - 1) / 2)[:, None]
    x = (np.arange(width, dtype=np.float64) - (width - 1) / 2)[None, :]
    field = _field(y, x, patch, region)
    top, left = (max(0, (whole - part) // 2) for whole, part in zip(shape, patch, strict=True))
    in_patch = field[top : top + patch[0], left : left + patch[1]].ravel()
    last = min(in_patch.size - 1, int((1 - region.area) * in_patch.size))
    threshold = np.partition(in_patch, last)[last]
    return np.clip((field - threshold) / max(region.edge, 1e-6) + 0.5, 0, 1).astype(np.float32)


def _field(
    y: NDArray[np.floating[Any]], x: NDArray[np.floating[Any]], patch: tuple[int, int], region: Region
) -> NDArray[np.floating[Any]]:
    """Return a number for each pixel, about in px, that is the larger the deeper inside a pixel is."""
    draws = Draws(region.seed)
    dy, dx = (y - draws.uniform(-0.5, 0.5) * patch[0]), (x - draws.uniform(-0.5, 0.5) * patch[1])
    angle = draws.uniform(0, 2 * math.pi)
    cosine, sine = math.cos(angle), math.sin(angle)
    if region.kind == "disc":
        return -np.sqrt(dx * dx + dy * dy)
    if region.kind == "half-plane":
        return dx * cosine + dy * sine
    if region.kind == "rectangle":
        longer = draws.uniform(1, 2)
        return -np.maximum(np.abs(dx * cosine + dy * sine) / longer, np.abs(dy * cosine - dx * sine))
    return _noise(y, x, max(patch) / _CELLS, draws)


def _noise(
    y: NDArray[np.floating[Any]], x: NDArray[np.floating[Any]], cell: float, draws: Draws
) -> NDArray[np.floating[Any]]:
    """Return smooth noise: random numbers at the corners of cells with a drawn phase, blended by a cubic."""
    rows, columns = ((axis.ravel() - axis.min()) / cell + draws.uniform() for axis in (y, x))
    seed = draws.sub_seed()
    corners = uniform_field(seed, (int(rows.max()) + 2, int(columns.max()) + 2)).astype(np.float64) * cell
    i, j = rows.astype(int), columns.astype(int)
    v, u = ((t * t * (3 - 2 * t)) for t in (rows - i, columns - j))
    across = corners[:, j] * (1 - u) + corners[:, j + 1] * u
    return across[i] * (1 - v)[:, None] + across[i + 1] * v[:, None]
