"""Limits of the figures of an operator. What lies beyond them, a metric could learn in place of perception."""

from __future__ import annotations

from collections.abc import Iterator

from bappsmith.distortions.base import Distortion

from .figures import SIDES, Figures

MAX_RIM = 1.5
"""Warps about the centre move the border farthest: in proportion, that is 1.4. Zero padding of networks: up to 1.62."""
MAX_MIRROR_SHARE = 0.005
"""The outermost ring alone is .06 of 64×64 px; the rest is left to single pixels at a threshold of an operator."""
MAX_PHASE = 0.2
"""A fixed grid of JPEG gives .35 and of squares .83; a few lost blocks with a drawn grid give .15 by chance, all others
up to .1."""
MIN_REACH = 1.75
"""Of built-in operators with a fitted curve, JPEG reaches 2.4, all others more than 4."""
MAX_DRIFT = 1.5
"""Operators that do not depend on the size give 1. Directions that are drawn freely add up to .25 by chance."""


def exceeded_limits(op: Distortion, figures: Figures) -> Iterator[str]:
    """Yield one readable line per figure beyond its limit.

    Operators whose ends a publication gives (`calibrated = False`) or whose distances saturate are exempt from the
    limits on severity. Operators with a fitted curve are exempt from the limit on sizes: they were fitted at each size,
    by a yardstick that is not the root mean square.
    """
    if figures.rim > MAX_RIM:
        yield (
            f"the outermost ring of pixels is off {figures.rim:.2f} times as far as the others, at most {MAX_RIM:g} is "
            "allowed: define margin, so that apply receives the pixels around the patch"
        )
    if figures.mirror_share is not None and figures.mirror_share > MAX_MIRROR_SHARE:
        yield (
            f"{figures.mirror_share:.1%} of the result depends on mirrored or padded pixels: define margin, or a "
            "larger one, so that apply receives the pixels around the patch"
        )
    if figures.phase > MAX_PHASE:
        yield (
            f"a grid stands at the same place of every patch (position modulo 16 px: {figures.phase:.2f}, at most "
            f"{MAX_PHASE:g} is allowed): draw where it starts"
        )
    if not op.calibrated or op.saturates:
        return
    if figures.reach < MIN_REACH:
        yield (
            f"severity changes little: the median RMSE is {figures.mild:.3g} at .1 and {figures.severe:.3g} at 1, at "
            f"least {MIN_REACH:g} times as much is needed: move the ends apart, or set calibrated = False"
        )
    if op.curve is None and figures.drift > MAX_DRIFT:
        table = ", ".join(f"{side} px: {error:.3g}" for side, error in zip(SIDES, figures.sizes, strict=True))
        yield (
            f"severity .5 means different errors at different sizes of patches: median RMSE is {table}, at most "
            f"{MAX_DRIFT:g} times as much is allowed: fit the ends with `bappsmith calibrate`, or set "
            "calibrated = False"
        )
