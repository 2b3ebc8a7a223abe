"""The base class of algorithms that are told the kernel."""

from __future__ import annotations

from dataclasses import dataclass

from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Choice
from bappsmith.distortions.view import View, trimmed

from .blurring import Blurring, blur_view
from .deblurring import Deblurring
from .kernel import Kernel, kernel
from .spectrum import Light, tapered


class NonBlind(Deblurring):
    """Deblurring with a kernel that can be right or slightly wrong: of another extent, or turned."""

    extent_error = Choice((0.85, 1.0, 1.0, 1.18), unit="assumed extent over the true one")
    angle_error = Choice((-7.0, 0.0, 0.0, 7.0), unit="degrees, of the assumed motion")


@dataclass(frozen=True, slots=True)
class Blurred:
    """A blurred patch, and the kernel that an algorithm assumes.

    Attributes:
        light: float32 H×W×3, tapered towards the border, so that it can be taken as periodic.
        kernel: the assumed kernel.
        margin: px around the patch.
    """

    light: Light
    kernel: Kernel
    margin: int

    def cut(self, light: Light) -> Image:
        """Return the sRGB levels of the patch within the result of an algorithm."""
        return to_srgb(trimmed(light, self.margin))  # pyright: ignore[reportArgumentType]


def blurred(view: View, blurring: Blurring, extent_error: float, angle_error: float) -> Blurred:
    """Blur a patch with its surroundings.

    Args:
        view: a patch, uint8.
        blurring: how.
        extent_error: assumed extent over the true one.
        angle_error: assumed angle minus the true one, degrees.
    """
    seen = blur_view(view, blurring)
    assumed = kernel(blurring.kind, blurring.extent * extent_error, blurring.angle + angle_error)
    return Blurred(tapered(to_linear(seen.image), assumed), assumed, seen.margin)
