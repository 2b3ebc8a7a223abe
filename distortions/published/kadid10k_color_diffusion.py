"""Colour diffusion of KADID-10k."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cielab import map_chroma
from bappsmith.distortions.parameters import Levels
from bappsmith.distortions.photometric.color_diffusion import ColorDiffusion
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLUR = ColorDiffusion()


def _sigma(amount: float) -> float:
    return 1.5 * amount + 2


@register
class Kadid10kColorDiffusion(Distortion):
    """Colours of CIELAB are blurred with σ 1.5 · amount + 2 px, and then multiplied by `amount`."""

    name = "kadid10k_color_diffusion"
    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color diffusion"
    calibrated = False
    amount = Levels((1.0, 3.0, 6.0, 8.0, 12.0), unit="times the chroma")

    def margin(self, side: int, params: Params) -> int:
        """Return the margin of the blur."""
        return _BLUR.margin(side, {"sigma": _sigma(params["amount"])})

    def apply(self, view: View, *, amount: float) -> Image:
        """Blur colours, and scale them."""
        return map_chroma(_BLUR.apply(view, sigma=_sigma(amount)), ((amount, 0), (0, amount)))
