"""Row banding."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Choice, Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class RowBanding(Distortion):
    """An offset for each row or each column, as left by sensors that read a row at once: fine stripes.

    Offsets are independent Gaussian numbers, the same for all channels.
    """

    source = "EMVA Standard 1288, row and column noise of sensors; range ours"
    sigma = Severity(mild=0.8, severe=40.0, unit="levels of 255", scale="log")
    lines = Choice(("rows", "columns"), unit="which lines have an offset each", weights=(3, 1))
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, lines: str, noise_seed: int) -> Image:
        """Add to each line a number of standard deviation `sigma`, then round and clip to [0, 255]."""
        height, width, channels = image.shape
        offsets = normal_field(noise_seed, (height if lines == "rows" else width,))
        offsets *= np.float32(sigma)
        field = np.empty((height, width * channels), np.float32)
        field[...] = offsets[:, None] if lines == "rows" else offsets.repeat(channels)
        return add_field(image, field.reshape(image.shape))
