"""Hue shift, as in contexts."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class ContextColor(Distortion):
    """Hue turned around the circle of HSV; value and saturation do not change.

    A uniform severity with a free direction gives the published U[−.5, .5]. Grey pixels do not change.

    OpenCV's conversion from HSV changes with the processor and with Intel's IPP, and its hues are rounded to 1/256 of
    the circle or more. This needs no conversion. A third of the circle exchanges the channels. The rest, up to a sixth
    either way, moves each channel by a part of the chroma (largest minus smallest channel), in uint8, rounded once.
    """

    source = "Pihlgren, Sandin and Liwicki 2023, color: hue shift U[−.5, .5] of the circle"
    calibrated = False
    hue_shift = Severity(mild=0.0, severe=0.5, unit="of the circle")
    direction = Choice(("forward", "backward"), unit="red to green to blue, or the other way")

    def apply(self, image: Image, *, hue_shift: float, direction: str) -> Image:
        """Turn the hue by `hue_shift`."""
        sixths = 6 * hue_shift if direction == "forward" else -6 * hue_shift
        thirds = round(sixths / 2)
        rest = sixths - 2 * thirds
        channels = cv2.split(image)
        first = -thirds % 3
        channels = (*channels[first:], *channels[:first])
        largest = cv2.max(cv2.max(channels[0], channels[1]), channels[2])
        smallest = cv2.min(cv2.min(channels[0], channels[1]), channels[2])
        step = cv2.convertScaleAbs(cv2.subtract(largest, smallest), alpha=abs(rest))
        fall_from, rise_to = cv2.subtract(largest, step), cv2.add(smallest, step)
        turned: list[cv2.typing.MatLike] = []
        for i, channel in enumerate(channels):
            # On the circle, a channel begins to fall when the one ahead arrives at the largest value, and to rise when
            # it arrives at the smallest. OpenCV's subtraction stops at 0: before that moment nothing happens.
            ahead = channels[(i + (1 if rest > 0 else 2)) % 3]
            fallen = cv2.max(cv2.subtract(channel, cv2.subtract(ahead, fall_from)), smallest)
            rise = cv2.min(cv2.subtract(rise_to, ahead), cv2.subtract(largest, channel))
            turned.append(cv2.add(fallen, rise))
        return np.asarray(cv2.merge(turned), np.uint8)
