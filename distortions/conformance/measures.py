"""Figures of an operator, measured on natural patches with real surroundings. Each is a pure function.

Figures that need several applications draw new parameters for every patch, keyed by its number, so that equal operators
give equal figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.random import Draws
from bappsmith.distortions.view import View, trimmed, with_margin
from bappsmith.manifests.schema.call import Params

PERIOD = 16
"""Period in px up to which fixed grids are found: its divisors 2, 4 and 8 (the blocks of JPEG) are included."""
STEP = 16
"""Px by which images are enlarged or moved to find mirrored pixels: a whole number of JPEG's blocks."""
REPEATED = 2
"""Largest difference in levels of 255 of pixels that count as repeated: rounding."""
UNEQUAL = 4
"""Difference in levels of 255 from which pixels count as different; between the two are statistics of the patch."""

_Map = NDArray[np.float64]


def distances(op: Distortion, views: Sequence[View], severity: float) -> _Map:
    """Return the root mean square error of each patch after the operator, in levels of 255."""
    return np.sqrt([_mean_square(_error(op, view, severity, i)) for i, view in enumerate(views)])


def rim(op: Distortion, views: Sequence[View], severity: float) -> float:
    """Return the error of the outermost ring of pixels over that of the others: root mean squares, median over patches.

    An operator that pads with zeros or mirrors distorts the ring in another way than the rest. Patches that do not
    change are left out; 1 if none changes.
    """
    ratios: list[float] = []
    for i, view in enumerate(views):
        error = _error(op, view, severity, i)
        inner = error[1:-1, 1:-1]
        if inner.any():
            whole, within = _mean_square(error), _mean_square(inner)
            ring = (whole * error.size - within * inner.size) / (error.size - inner.size)
            ratios.append(float(np.sqrt(max(0.0, ring) / within)))
    return float(np.median(ratios)) if ratios else 1.0


def mirror_share(op: Distortion, views: Sequence[View], severity: float, draws: int = 4) -> float | None:
    """Return the share of the result's area that would be other pixels if more of the photograph were there.

    The operator is applied again to a larger area of the photograph, and the common area is compared. An operator that
    takes no view is also applied to images of the same size, moved along the diagonals, because its parameters may be
    shares of the size. A pixel that none of these repeats, to within `UNEQUAL` levels, depends on what the operator put
    beyond the border: mirrored, repeated, or zeros. It counts if it differs in any of the patches, because mirrored sky
    equals sky.

    Args:
        op: the operator.
        views: patches; their margin is at least that of the operator and `STEP` px.
        severity: in (0, 1].
        draws: number of draws of parameters to average over; all patches get the same parameters.

    Returns:
        Share in [0, 1]. None if not even the centre of the patch is repeated, as for noise: then it cannot be measured.
    """
    shares: list[float] = []
    for key in range(draws):
        params = op.sample(severity, Draws(key), views[0].side)
        least = _least_difference(op, views, params)
        if least is not None:
            shares.append(float(np.nanmean(least > UNEQUAL)))
    return float(np.mean(shares)) if shares else None


def sizes(op: Distortion, views: Sequence[View], severity: float, sides: Sequence[int]) -> list[float]:
    """Return the error for patches of several sides, of the same pixels: root mean square, levels of 255.

    Each view is divided into patches of every side, all with real surroundings. So an operator that does not depend on
    the size of the patch gives the same error for every side. The median over views counts.

    Args:
        op: the operator.
        views: of large patches.
        severity: in (0, 1].
        sides: sides of the patches, px; the side of the views is a multiple of each.
    """
    medians: list[float] = []
    for side in sides:
        errors: list[float] = []
        for i, view in enumerate(views):
            tiles = _tiles(view, side)
            squared = [_mean_square(_error(op, tile, severity, i + len(views) * j)) for j, tile in enumerate(tiles)]
            errors.append(float(np.sqrt(np.mean(squared))))
        medians.append(float(np.median(errors)))
    return medians


def phase(op: Distortion, views: Sequence[View], severity: float) -> float:
    """Return how far the roughness of the error depends on the position modulo `PERIOD` px.

    The roughness is the mean absolute change of the error from one pixel to the next: blocks, cells and tiles have
    their edges there. Each view is moved by 0 to `PERIOD` - 1 px along an axis, with new parameters each time. So every
    column (row) of the photograph stands once at each position of the grid, and differences between columns cancel.
    Changes that are smooth across the patch (a polynomial of degree 4) are taken out. An error that is as rough at
    every pixel, such as a sign that alternates from pixel to pixel, has no phase here.

    Returns:
        Standard deviation over the positions, relative to the mean; the larger of the two axes. Grids that start at the
        corner of the patch give .1 and more, those with a drawn phase only chance.
    """
    return max(_phase_along(op, views, severity, axis) for axis in (0, 1))


def _error(op: Distortion, view: View, severity: float, key: int) -> NDArray[np.int16]:
    """Return result minus patch, in levels of 255, int16 H×W×3."""
    result = op(view, op.sample(severity, Draws(key), view.side))
    return result.astype(np.int16) - view.centre


def _mean_square(error: NDArray[np.int16]) -> float:
    flat = error.astype(np.float32).ravel()
    return float(flat @ flat) / flat.size


def _tiles(view: View, side: int) -> list[View]:
    """Divide the patch of a view into square patches with the view's margin."""
    starts, whole = range(0, view.side, side), side + 2 * view.margin
    return [
        View(view.image[top : top + whole, left : left + whole], view.margin, (side, side))
        for top in starts
        for left in starts
    ]


def _least_difference(op: Distortion, views: Sequence[View], params: Params) -> _Map | None:
    """Return for each pixel of the result the smallest difference to what other surroundings give, H×W.

    Of the patches, the largest counts. NaN where nothing can be compared; None if no comparison repeats the centre.
    """
    height, width = views[0].shape
    centre = np.s_[:, height * 3 // 8 : height * 5 // 8, width * 3 // 8 : width * 5 // 8]
    results = np.stack([op(view, params) for view in views]).astype(np.float64)
    least = np.full(results.shape[:3], np.inf)
    for others in zip(*(_others(op, view, params) for view in views), strict=True):
        difference = np.abs(results - np.stack(others)).max(axis=3)
        if np.nanquantile(difference[centre], 0.95) <= REPEATED:
            least = np.fmin(least, difference)
    if np.isinf(least).all():
        return None
    least[np.isinf(least)] = np.nan
    return least.max(axis=0)


def _others(op: Distortion, view: View, params: Params) -> list[_Map]:
    """Return the results with other surroundings, float64 H×W×3; NaN where they are not comparable."""
    larger = op(View(view.image, view.margin - STEP, view.patch), params)
    others = [trimmed(larger, STEP).astype(np.float64)]
    if op.takes_view:
        return others
    height, width = view.shape
    around = with_margin(view, STEP).image
    for top in (0, 2 * STEP):
        for left in (0, 2 * STEP):
            moved = np.s_[top : top + height, left : left + width]
            other = np.full(around.shape, np.nan)
            other[moved] = op(around[moved].copy(), params)
            others.append(other[STEP:-STEP, STEP:-STEP])
    return others


def _phase_along(op: Distortion, views: Sequence[View], severity: float, axis: int) -> float:
    profiles: list[list[_Map]] = []
    for i, view in enumerate(views):
        margin = view.margin - PERIOD // 2
        of_view: list[_Map] = []
        for moved in range(PERIOD):
            # Only the image is moved: transposing it would turn it under an operator whose grid stays.
            along, across = slice(moved, moved + view.image.shape[axis] - PERIOD), slice(PERIOD // 2, -PERIOD // 2)
            image = view.image[(along, across) if axis == 0 else (across, along)]
            error = _error(op, View(image, margin, view.patch), severity, PERIOD * i + moved)
            roughness = np.abs(np.diff(error, axis=axis)).mean(axis=(1 - axis, 2))
            of_view.append(roughness / max(roughness.mean(), 1e-9))
        profiles.append(of_view)
    mean = np.mean(profiles, axis=(0, 1))
    if not mean.any():  # the error does not change along this axis
        return 0.0
    positions = np.arange(len(mean)) / len(mean)
    trend = np.polynomial.Polynomial.fit(positions, mean, 4)(positions)
    # The rows that every moved view holds, by their position in the patch modulo the period.
    count = (len(mean) - PERIOD) // PERIOD * PERIOD
    sums = np.zeros(PERIOD)
    for of_view in profiles:
        for moved, profile in enumerate(of_view):
            first = PERIOD - 1 - moved
            common = (profile / trend)[first : first + count].reshape(-1, PERIOD).mean(axis=0)
            sums += np.roll(common, first)
    return float(sums.std() / sums.mean())
