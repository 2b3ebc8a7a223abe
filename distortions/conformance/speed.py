"""Speed of an operator, alone and beside the bare call of a library that does the same."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time

import cv2

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.compose import apply_chain
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.random import Draws
from bappsmith.manifests.schema.call import Chain

_ROUNDS = 30
_ROUND_SECONDS, _MOST_SECONDS = 1e-3, 0.3
"""Of a round of quick calls, and of all rounds of slow ones."""


def microseconds(op: Distortion, side: int) -> float:
    """Return the processor time of the operator at severity .5, on one thread of OpenCV, in microseconds.

    It is that of the fastest of several rounds. Other work on the machine counts little. The operator gets the
    surroundings that it needs.

    Args:
        op: a registered operator.
        side: of the patch, px.

    Raises:
        BappsmithError: the operator fails, or breaks its contract of shape and dtype.
    """
    (view,) = natural_views(1, side, side)
    call = op.call(0.5, Draws(0), side)
    apply_chain(view, Chain((call,)))  # with readable errors; the first call may import a library, too
    params = call.params
    received = op.mirrored(view, params)

    def round_of(calls: int) -> float:
        start = process_time()
        for _ in range(calls):
            op(received, params)
        return process_time() - start

    with _one_thread():
        once = round_of(1)
        calls = max(1, int(_ROUND_SECONDS / max(once, 1e-6)))
        rounds = min(_ROUNDS, max(1, int(_MOST_SECONDS / (calls * max(once, 1e-6)))))
        return 1e6 * min(round_of(calls) / calls for _ in range(rounds))


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
    with _one_thread():
        for _ in range(_ROUNDS):
            start = perf_counter()
            op(received, params)
            middle = perf_counter()
            op.library_call(patch, params)
            own.append(middle - start)
            library.append(perf_counter() - middle)
    return median(own) / median(library)


@contextmanager
def _one_thread() -> Generator[None]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
