"""Total variation denoising."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_ROUNDS = 16
"""Of the solver."""


@register
class TotalVariation(Distortion):
    """Denoising of a picture without noise: texture becomes flat, with sharp edges, like a painting.

    Each channel u of the result minimises Σ|∇u| + Σ(u − image)²/(2·weight), the model of Rudin, Osher and Fatemi. The
    solver is that of Beck and Teboulle, 16 rounds of it: as near to the minimum as 30 of Chambolle's projections. With
    large weights that is some way off, and large flat areas keep a trace of their shading.
    """

    source = (
        "Rudin, Osher and Fatemi 1992, model; Chambolle 2004, dual problem; Beck and Teboulle 2009, solver; range ours"
    )
    weight = Severity(mild=1.3, severe=60.0, unit="levels of 255", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return as many px as the result depends on to within a level or two."""
        return 10

    def apply(self, view: View, *, weight: float) -> Image:
        """Minimise the total variation; `weight` says how much it counts."""
        levels = np.ascontiguousarray(view.image.transpose(2, 0, 1), np.float32)
        result = levels - np.float32(weight) * _divergence(_field(levels / np.float32(weight)))
        rounded = np.clip(np.rint(result), 0, 255).astype(np.uint8)
        return trimmed(rounded.transpose(1, 2, 0), view.margin)


def _field(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the field of vectors of length at most 1 whose divergence is nearest to an image.

    Args:
        image: float32 3×H×W.

    Returns:
        float32 2×3×H×W: down and to the right; 0 at the last row or column.
    """
    field, guess = np.zeros((2, *image.shape), np.float32), np.zeros((2, *image.shape), np.float32)
    momentum = 1.0
    for _ in range(_ROUNDS):
        rest = (image - _divergence(guess)) * np.float32(1 / 8)
        guess[0, :, :-1] -= np.diff(rest, axis=1)
        guess[1, :, :, :-1] -= np.diff(rest, axis=2)
        length = np.sqrt(guess[0] * guess[0] + guess[1] * guess[1])
        guess /= np.maximum(length, 1)
        following = (1 + (1 + 4 * momentum * momentum) ** 0.5) / 2
        field, last = guess, field
        guess = field + np.float32((momentum - 1) / following) * (field - last)
        momentum = following
    return field


def _divergence(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the divergence of a field, by differences to the pixel above and to the left."""
    result = field[0] + field[1]
    result[:, 1:] -= field[0, :, :-1]
    result[:, :, 1:] -= field[1, :, :, :-1]
    return result
