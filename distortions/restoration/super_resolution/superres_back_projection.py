"""Super-resolution: iterative back-projection."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Image
from bappsmith.distortions.parameters import Choice, Nuisance
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .reduction import LEAST, Reduction, reduce_view
from .super_resolution import SuperResolution


@register
class SuperresBackProjection(SuperResolution):
    """Reduce, enlarge with a cubic kernel, then add the enlarged difference between input and reduced result again.

    x ← x + U(y − D(x)), where y is the input, D blurs and reduces, and U enlarges. D assumes a blur that can be right
    or wrong. Too wide a blur gives halos, too narrow a soft image. Noise is enlarged too.

    It is not portable: OpenCV's blur of floats changes with the processor's SIMD level.
    """

    source = "Irani and Peleg 1991 (iterative back-projection); ranges ours"
    portable = False
    iterations = Nuisance(3, 16, unit="iterations", whole=True)
    blur_error = Choice((-0.2, 0.0, 0.0, 0.0, 0.15, 0.3), unit="px of the reduced image: assumed minus true blur")

    def apply(
        self,
        view: View,
        *,
        factor: int,
        blur: float,
        noise: float,
        phase_y: int,
        phase_x: int,
        sub_seed: int,
        iterations: int,
        blur_error: float,
    ) -> Image:
        """Reduce the patch with its surroundings, enlarge it, and cut out the patch."""
        small = reduce_view(view, Reduction(factor, blur, noise, (phase_y, phase_x), sub_seed))
        enlarged = back_projected(small.image, factor, max(0.0, blur + blur_error), iterations)
        return np.ascontiguousarray(small.cut(enlarged))


def back_projected(image: Image, factor: int, blur: float, iterations: int) -> Image:
    """Enlarge an image.

    Args:
        image: uint8 h×w×3 RGB.
        factor: px per px.
        blur: standard deviation that is assumed, px of the image.
        iterations: number of corrections.

    Returns:
        uint8 H×W×3 RGB.
    """
    height, width = image.shape[:2]
    whole, sigma = (width * factor, height * factor), blur * factor
    enlarged = cv2.resize(image.astype(np.float32), whole, interpolation=cv2.INTER_CUBIC)
    for _ in range(iterations):
        seen = cv2.GaussianBlur(enlarged, (0, 0), sigma) if sigma >= LEAST else enlarged
        missing = image - cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
        enlarged += cv2.resize(missing, whole, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.rint(np.clip(enlarged, 0, 255)), np.uint8)
