"""Radii within which a judgment cannot turn. The derivations are in docs/robust.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Radii:
    """l2 radii of judgments, each of shape (N,), at least 0, in the unit of images in [0, 1].

    Attributes:
        ref: no change of ref below this turns the judgment, while p0 and p1 stay.
        patch: no change of p0 below this turns it, while ref and p1 stay; the same for p1.
        all: no change turns it in which ref, p0 and p1 each change by less than this.
    """

    ref: Array
    patch: Array
    all: Array


def certified_radii(d0: Array, d1: Array, between: Array, lipschitz_constant: float) -> Radii:
    """Compute radii from distances d = |f(x) - f(y)|² of an embedding with a Lipschitz constant.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        between: distances of p1 from p0, shape (N,).
        lipschitz_constant: of f, above 0.
    """
    gap = np.abs(d0 - d1)
    width = 2 * np.sqrt(between)
    to_bisector = np.divide(gap, width, out=np.zeros_like(gap), where=width > 0)
    rings = np.abs(np.sqrt(d0) - np.sqrt(d1))
    return Radii(*(radii / lipschitz_constant for radii in (to_bisector, rings, rings / 4)))
