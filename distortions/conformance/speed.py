"""Speed of an operator beside the bare call of a library that does the same."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import cv2

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.random import Draws

_ROUNDS = 30


def relative_time(op: Distortion, side: int) -> float | None:
    """Return the time of the operator over that of its `library_call`, at severity .5.

    Both run in turns, on one thread of OpenCV; the medians count. The operator gets the surroundings that it needs, the
    library only the patch.

    Args:
        op: the operator.
        side: of the patch, px.

    Returns:
        The ratio; None if the operator names no call.
    """
    (view,) = natural_views(1, side, side)
    params = op.sample(0.5, Draws(0), side)
    patch, received = view.centre.copy(), op.mirrored(view, params)
    if op.library_call(patch, params) is None:
        return None
    own: list[float] = []
    library: list[float] = []
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for _ in range(_ROUNDS):
            start = perf_counter()
            op(received, params)
            middle = perf_counter()
            op.library_call(patch, params)
            own.append(middle - start)
            library.append(perf_counter() - middle)
    finally:
        cv2.setNumThreads(threads)
    return median(own) / median(library)
