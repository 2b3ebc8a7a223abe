"""Spread known colours over an image so that pixels of like luma get like colours (Levin, Lischinski and Weiss 2004).

Every unknown pixel is the weighted mean of its neighbours: a sparse linear system, solved exactly.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# scipy has no stubs.

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .colour_hints import Chroma, Hints

_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))
_SHARE = 0.6
"""Share of the variance of 3×3 pixels that the weights use, as in the code that the authors published."""
_LEAST_WEIGHT = 0.01
"""The most similar neighbour has at least this weight before they are normalised, as there."""
_FLOOR = 2e-6 * 255**2
"""Smallest variance, in levels²: 2e-6 on the scale [0, 1] there."""
_LEAF = 24
"""Pixels up to which a rectangle is not divided further."""


def neighbour_weights(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the weight of each of eight neighbours, which fall with the squared difference of luma.

    Args:
        grey: uint8 H×W.

    Returns:
        float64 8×H×W in the order of `_NEIGHBOURS`; their sum is 1. Neighbours beyond the border have weight 0.
    """
    height, width = grey.shape
    luma = np.pad(grey.astype(np.float64), 1, constant_values=np.nan)
    around = np.stack([luma[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in _NEIGHBOURS])
    inside = ~np.isnan(around)
    window = np.concatenate((np.where(inside, around, 0), grey[None].astype(np.float64)))
    count = inside.sum(axis=0) + 1
    variance = (window * window).sum(axis=0) / count - (window.sum(axis=0) / count) ** 2
    squares = np.where(inside, (around - grey) ** 2, np.inf)
    spread = np.maximum(np.maximum(_SHARE * variance, squares.min(axis=0) / -np.log(_LEAST_WEIGHT)), _FLOOR)
    weights = np.exp(-squares / spread)
    return weights / weights.sum(axis=0)


def propagate(hints: Hints, prior: Chroma | None = None, weight: float = 0.0) -> Chroma:
    """Spread the chroma of the hints over the image.

    Args:
        hints: luma, and the chroma of some pixels.
        prior: chroma that every other pixel is drawn to, float32 H×W×2.
        weight: of the prior, where the neighbours together weigh 1. What is further away than √(.375 / weight) px then
            matters little: 3/8 is half of the mean squared distance to a neighbour along an axis.

    About 15 ms for 64×64 px and 150 ms for 128×128 px: the time grows a little faster than the number of pixels.

    Returns:
        float32 H×W×2.
    """
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    order, starts, rows, source = _pattern(*hints.grey.shape)
    known = hints.known.ravel()[order]
    values = -neighbour_weights(hints.grey)
    values[:, hints.known] = 0
    # A row says: the chroma is that of the hint, or (1 + weight) · chroma − mean of neighbours = weight · prior.
    diagonal = np.where(hints.known, 1, 1 + weight).ravel()
    target = hints.chroma if prior is None else np.where(hints.known[..., None], hints.chroma, weight * prior)
    data = np.concatenate((values.ravel(), diagonal))[source]
    system = csc_array((data, rows, starts), shape=(known.size, known.size))
    # The diagonal dominates every row, so that no pivots are needed and the order of elimination is free.
    factors = splu(system, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    solved = np.empty((known.size, 2), np.float32)
    solved[order] = factors.solve(target.reshape(-1, 2)[order].astype(np.float64))
    return solved.reshape(hints.chroma.shape)


@lru_cache(maxsize=8)
def _pattern(height: int, width: int) -> tuple[NDArray[np.int32], ...]:
    """Return the places of the non-zero values of the system in compressed columns.

    Returns:
        The pixels in the order of elimination; where each column starts; the row of each value; and the position of the
        value among 8×H×W weights followed by H×W ones.
    """
    pixels = np.arange(height * width, dtype=np.int32).reshape(height, width)
    order = np.concatenate(_dissected(pixels))
    rank = np.empty(order.size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    rows, columns, source = [rank], [rank], [pixels.ravel() + len(_NEIGHBOURS) * pixels.size]
    for number, (dy, dx) in enumerate(_NEIGHBOURS):
        here = pixels[max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)].ravel()
        rows.append(rank[here])
        columns.append(rank[here + dy * width + dx])
        source.append(here + number * pixels.size)
    row, column, value = (np.concatenate(parts) for parts in (rows, columns, source))
    by_column = np.lexsort((row, column))
    starts = np.searchsorted(column[by_column], np.arange(order.size + 1)).astype(np.int32)
    return order, starts, row[by_column], value[by_column]


def _dissected(pixels: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Order the pixels of a rectangle by nested dissection (George 1973): both halves, then the line between them.

    The factors then hold few values. Half of the time of SuperLU's own orderings is saved.
    """
    if pixels.size <= _LEAF:
        return [pixels.ravel()]
    if pixels.shape[0] < pixels.shape[1]:
        pixels = pixels.T
    middle = pixels.shape[0] // 2
    return [*_dissected(pixels[:middle]), *_dissected(pixels[middle + 1 :]), pixels[middle]]
