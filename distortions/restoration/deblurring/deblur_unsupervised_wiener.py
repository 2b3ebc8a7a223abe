"""Deblurring: the Wiener filter that finds its own weight."""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# scikit-image has no stubs.

from __future__ import annotations

from typing import Any

import numpy as np

from bappsmith.distortions.base import Image
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .blurring import Blurring
from .non_blind import Blurred, NonBlind, blurred
from .wiener import wiener

_BURN_IN, _KEPT = 5, 10
"""Samples that are left out, and samples that are averaged."""
_LEAST = 10**-2.4
"""Least weight. Estimates are mostly smaller, and the kernel is not that exact."""


@register
class DeblurUnsupervisedWiener(NonBlind):
    """Blur, then a Wiener filter whose weight is estimated from the blurred patch by Gibbs sampling. Edges ring.

    The weight is estimated on the mean of the channels, from fifteen samples, and has a lower limit.
    """

    source = "Orieux, Giovannelli and Rodet 2010, as skimage.restoration.unsupervised_wiener"
    libraries = ("scipy", "scikit-image")

    def apply(
        self,
        view: View,
        *,
        kind: str,
        extent: float,
        angle: float,
        noise: float,
        sub_seed: int,
        extent_error: float,
        angle_error: float,
    ) -> Image:
        """Apply to one patch; see the class."""
        seen = blurred(view, Blurring(kind, extent, angle, noise, sub_seed), extent_error, angle_error)
        return seen.cut(wiener(seen.light, seen.kernel, _weight(seen, sub_seed)))


def _weight(seen: Blurred, sub_seed: int) -> float:
    """Estimate the weight: precision of the prior over precision of the noise."""
    from skimage.restoration import unsupervised_wiener  # takes 0.2 s

    samples: dict[str, Any] = {"burnin": _BURN_IN, "min_num_iter": _BURN_IN + _KEPT, "max_num_iter": _BURN_IN + _KEPT}
    grey = seen.light.mean(axis=2, dtype=np.float32)
    _, chains = unsupervised_wiener(
        grey, seen.kernel, reg=np.ones((1, 1)), user_params=samples, clip=False, rng=np.random.default_rng(sub_seed)
    )
    return max(_LEAST, float(np.mean(chains["prior"][_BURN_IN:]) / np.mean(chains["noise"][_BURN_IN:])))
