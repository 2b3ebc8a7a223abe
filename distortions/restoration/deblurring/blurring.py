"""The degradation that deblurring undoes: a blur of light, then noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.view import View, trimmed

from .kernel import kernel, radius
from .spectrum import convolved


@dataclass(frozen=True, slots=True)
class Blurring:
    """How an image is blurred.

    Attributes:
        kind: "motion" or "defocus".
        extent: length of the motion or diameter of the disk, px.
        angle: of the motion, degrees.
        noise: standard deviation, levels of 255.
        sub_seed: of the noise.
    """

    kind: str
    extent: float
    angle: float
    noise: float
    sub_seed: int


def blur_view(view: View, blurring: Blurring) -> View:
    """Blur a patch with its surroundings, and add noise.

    Args:
        view: a patch, uint8, with a margin of at least the radius of the kernel.
        blurring: how.

    Returns:
        The patch with a margin that is smaller by the radius of the kernel.
    """
    spread = radius(blurring.extent)
    light = convolved(to_linear(view.image), kernel(blurring.kind, blurring.extent, blurring.angle))
    blurred = trimmed(to_srgb(light), spread)
    noise = normal_field(blurring.sub_seed, blurred.shape) * np.float32(blurring.noise)
    return View(add_field(blurred, noise), view.margin - spread, view.patch)
