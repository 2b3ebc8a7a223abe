"""Hue shift, as in contexts."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class ContextColor(Distortion):
    """Hue turned around the circle of HSV; value and saturation do not change.

    A uniform severity with a free direction gives the published U[−.5, .5]. Grey pixels do not change.
    """

    source = "Pihlgren, Sandin and Liwicki 2023 (color, hue shift U[−.5, .5] of the circle)"
    calibrated = False
    hue_shift = Severity(mild=0.0, severe=0.5, unit="of the circle")
    direction = Choice(("forward", "backward"), unit="red to green to blue, or the other way")

    def apply(self, image: Image, *, hue_shift: float, direction: str) -> Image:
        """Turn the hue by `hue_shift`. OpenCV's HSV changes with Intel's IPP, so this is plain arithmetic."""
        red, green, blue = (image[..., i].astype(np.float32) for i in range(3))
        value = np.maximum(np.maximum(red, green), blue)
        chroma = value - np.minimum(np.minimum(red, green), blue)
        per = 1 / np.maximum(chroma, 1)
        # Hue in sixths of the circle, from the largest channel (Smith 1978).
        hue = np.where(
            value == red,
            (green - blue) * per,
            np.where(value == green, 2 + (blue - red) * per, 4 + (red - green) * per),
        )
        hue += np.float32(6 * hue_shift if direction == "forward" else -6 * hue_shift)
        out = np.empty_like(image)
        for i, offset in enumerate((5, 3, 1)):
            k = np.mod(hue + np.float32(offset), np.float32(6))
            fall = np.clip(np.minimum(k, 4 - k), 0, 1)
            out[..., i] = np.rint(value - chroma * fall)
        return out
