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

    source = "Wiener 1949, with one weight for all frequencies (skimage.restoration.wiener does the same); range ours"
    balance = Nuisance(-2.2, -1.0, unit="powers of ten: power of noise over that of the image")

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
