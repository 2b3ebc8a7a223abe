"""Colorization by diffusion."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.functional.colour_hints import Chroma, Hints, nearest_hint
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .hinted_colorization import HintedColorization


@register
class HintDiffusion(HintedColorization):
    """Colour spreads from the hints evenly, across edges too: soft stains that ignore the objects.

    The colour of the nearest hint is blurred and the hints are set again, from coarse to fine. The limit of
    Levin et al. 2004 for equal weights is such a membrane.
    """

    source = "ours; a baseline without luminance for Levin, Lischinski and Weiss 2004"
    portable = False

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Blur with standard deviations from half of the spacing down to half a pixel."""
        chroma = nearest_hint(hints)
        known = hints.known[..., None]
        sigma = spacing / 2
        while sigma >= 0.5:
            blurred = cv2.GaussianBlur(chroma, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
            chroma = np.where(known, hints.chroma, blurred)
            sigma /= 2
        return chroma
