"""Palette."""

from __future__ import annotations

import numpy as np
from PIL import Image as PIL

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
    surroundings, at 5 bits per channel, which is several times as fast as from all pixels. Pillow looks up the nearest
    colour in steps of 4 levels. With dithering, the error of a pixel is spread over its neighbours (Floyd and Steinberg
    1976). KADID-10k chooses by least variance, and dithers. A larger patch has more colours to begin with: as many
    colours are a greater loss there, which the fitted curves make up for.
    """

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), color quantization: 64 to 8 colours of a whole photograph; range ours"
    )
    colours = Severity(mild=256.0, severe=3.0, unit="colours", scale="log", whole=True)
    dithered = Flag("errors are spread")

    def margin(self, side: int, params: Params) -> int:
        """Return the surroundings that the colours are chosen from."""
        return _AROUND

    def apply(self, view: View, *, colours: int, dithered: bool) -> Image:
        """Reduce to `colours` colours."""
        step = max(1, min(view.image.shape[:2]) // _SAMPLED)
        sample = PIL.fromarray(view.image[::step, ::step] & np.uint8(0xF8) | np.uint8(4))
        table = sample.quantize(colours, PIL.Quantize.MEDIANCUT)
        if dithered:
            mapped = PIL.fromarray(view.image).quantize(palette=table, dither=PIL.Dither.FLOYDSTEINBERG)
            return trimmed(np.asarray(mapped.convert("RGB")), view.margin).copy()
        mapped = PIL.fromarray(view.centre).quantize(palette=table, dither=PIL.Dither.NONE)
        return np.array(mapped.convert("RGB"))
