"""The degradation that deblurring undoes: a blur of light, then noise."""

from __future__ import annotations

from dataclasses import dataclass

from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.restoration.patch_noise import with_noise
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
    origin = (blurred.shape[0] - view.patch[0]) // 2, (blurred.shape[1] - view.patch[1]) // 2
    noisy = with_noise(blurred, blurring.noise, blurring.sub_seed, origin, view.patch)
    return View(noisy, view.margin - spread, view.patch)
