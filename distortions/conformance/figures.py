"""All figures of one operator: what `bappsmith distortions check` prints, and what the limits are for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bappsmith.distortions.base import SIDE, Distortion
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError

from .contract import has_a_valid_margin
from .measures import distances, mirror_share, phase, rim, sizes

SIDES = (64, 128, 256)
"""Sides of patches, px, at which severity is compared."""
_MARGIN = 88
"""Surroundings of the patches of 64 px: more than the widest built-in warp needs, and room to move them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one operator. Errors are root mean squares in levels of 255, medians over natural patches.

    Attributes:
        rim: error of the outermost ring of pixels over that of the others, at severity .5 or 1, whichever is larger.
        mirror_share: share of the result's area that depends on pixels that are not of the photograph, at severity 1;
            None if it cannot be measured, see `measures.mirror_share`.
        phase: how far the error depends on the position modulo 16 px, at severity 1, see `measures.phase`.
        mild: error at severity .1.
        severe: error at severity 1.
        sizes: errors at severity .5 for patches of 64, 128 and 256 px.
    """

    rim: float
    mirror_share: float | None
    phase: float
    mild: float
    severe: float
    sizes: tuple[float, ...]

    @property
    def reach(self) -> float:
        """Error at severity 1 over that at .1; 1 if nothing changes."""
        return self.severe / self.mild if self.mild > 0 else (np.inf if self.severe > 0 else 1.0)

    @property
    def drift(self) -> float:
        """Largest error over the smallest of the three sizes; 1 if nothing changes."""
        low, high = min(self.sizes), max(self.sizes)
        return high / low if low > 0 else (np.inf if high > 0 else 1.0)


def measure(op: Distortion) -> Figures:
    """Measure all figures of an operator. Equal operators give equal figures.

    Raises:
        BappsmithError: its margin is invalid. Whatever the operator raises is passed on.
    """
    for line in has_a_valid_margin(op, ()):
        raise BappsmithError(f"operator '{op.name}': {line}")
    small, large = _views(SIDE, 24, _MARGIN), _views(SIDES[-1], 10, SIDE)
    return Figures(
        rim=max(rim(op, small, 0.5), rim(op, small, 1.0)),
        mirror_share=mirror_share(op, small[:6], 1.0),
        phase=phase(op, small[:16], 1.0),
        mild=float(np.median(distances(op, small, 0.1))),
        severe=float(np.median(distances(op, small, 1.0))),
        sizes=tuple(sizes(op, large, 0.5, SIDES)),
    )


@cache
def _views(side: int, count: int, margin: int) -> list[View]:
    return natural_views(count, side, margin)
