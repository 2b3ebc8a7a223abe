"""Deblurring: the Wiener filter."""

from __future__ import annotations

from bappsmith.distortions.base import Image
from bappsmith.distortions.parameters import Nuisance
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .blurring import Blurring
from .non_blind import NonBlind, blurred
from .wiener import wiener


@register
class DeblurWiener(NonBlind):
    """Blur, then divide the spectrum by that of the kernel, as far as noise allows. Edges ring."""

    source = "Wiener filter with a Laplacian as prior, as skimage.restoration.wiener; range ours"
    balance = Nuisance(-3.5, -1.0, unit="powers of ten: weight of smoothness")

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
        balance: float,
    ) -> Image:
        """Apply to one patch; see the class."""
        seen = blurred(view, Blurring(kind, extent, angle, noise, sub_seed), extent_error, angle_error)
        return seen.cut(wiener(seen.light, seen.kernel, 10.0**balance))
