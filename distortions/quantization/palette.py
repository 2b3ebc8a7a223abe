"""Palette."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Flag, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_AROUND = 16
"""Px around the patch that the colours are chosen from too, and in which the errors start to spread."""

_SAMPLED = 40
"""Rows and columns at least that the colours are chosen from."""


@register
class Palette(Distortion):
    """Few colours, as in a GIF: every pixel gets the nearest of a palette that is made for the picture.

    The colours are those of median cut (Heckbert 1982), chosen from about 40×40 pixels of the patch and its
    surroundings, at 5 bits per channel: a tenth of the time that all pixels take, or less. Pillow looks up the nearest
    colour in steps of 4 levels. With dithering, the error of a pixel
    is spread over its neighbours (Floyd and Steinberg 1976). KADID-10k chooses by least variance, and dithers.
    """

    source = (
        "KADID-10k (Lin, Hosu and Saupe 2019), color quantization, 64 to 8 colours for a whole photograph; range ours"
    )
    colours = Severity(mild=160.0, severe=3.0, unit="colours", scale="log", whole=True)
    dithered = Flag("errors are spread")

    def margin(self, side: int, params: Params) -> int:
        """Return the surroundings that the colours are chosen from."""
        return _AROUND

    def apply(self, view: View, *, colours: int, dithered: bool) -> Image:
        """Reduce to `colours` colours."""
        step = max(1, min(view.image.shape[:2]) // _SAMPLED)
        sample = Pillow.fromarray(view.image[::step, ::step] & np.uint8(0xF8) | np.uint8(4))
        table = sample.quantize(colours, Pillow.Quantize.MEDIANCUT)
        if dithered:
            mapped = Pillow.fromarray(view.image).quantize(palette=table, dither=Pillow.Dither.FLOYDSTEINBERG)
            return trimmed(np.asarray(mapped.convert("RGB")), view.margin).copy()
        mapped = Pillow.fromarray(view.centre).quantize(palette=table, dither=Pillow.Dither.NONE)
        return np.array(mapped.convert("RGB"))
