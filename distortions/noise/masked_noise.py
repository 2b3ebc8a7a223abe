"""Noise that texture masks."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_REACH = 3
"""Px on each side of a pixel that its activity is measured over: a window of 7×7."""
_COUNT = (2 * _REACH + 1) ** 2


@register
class MaskedNoise(Distortion):
    """Gaussian noise in proportion to the local standard deviation of luma: texture gets it and hides it.

    Smooth areas stay clean. The window is 7×7 px. The noise is grey.
    """

    source = "Ponomarenko et al. 2015 (TID2013), type 4, masked noise; form and range ours"
    gain = Severity(mild=0.06, severe=3.0, unit="of the local standard deviation", scale="log")
    noise_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of the window."""
        return _REACH

    def apply(self, view: View, *, gain: float, noise_seed: int) -> Image:
        """Add noise whose standard deviation is `gain` times that of the luma around the pixel."""
        luma, window = cv2.cvtColor(view.image, cv2.COLOR_RGB2GRAY), (2 * _REACH + 1, 2 * _REACH + 1)
        sums = cv2.boxFilter(luma, cv2.CV_32S, window, normalize=False)
        squares = cv2.sqrBoxFilter(luma, cv2.CV_32S, window, normalize=False)
        # Whole numbers: the variance times the square of the number of pixels.
        variance = trimmed(squares * _COUNT - sums * sums, view.margin)
        field = np.sqrt(variance.astype(np.float32))
        field *= np.float32(gain / _COUNT)
        field *= normal_field(noise_seed, view.shape)
        return add_field(view.centre, field)
