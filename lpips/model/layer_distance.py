"""What one layer adds to a distance of form "local": a number per pair, or a map."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from .forms import unit_normalise
from .unit_difference import mean_square_unit_difference


def layer_distance(tap0: Tensor, tap1: Tensor, weights: Tensor) -> Tensor:
    """Compute the mean over space of Σ_c w_c (x̂_c - ŷ_c)² (Zhang et al. 2018, Equation 1, one layer).

    Args:
        tap0: N×C×h×w activations of the first images.
        tap1: those of the second images.
        weights: (C,) float32.

    Returns:
        N×1×1×1 float32.
    """
    with torch.autocast(tap0.device.type, enabled=False):
        return (mean_square_unit_difference(tap0.float(), tap1.float()) @ weights).view(-1, 1, 1, 1)


def layer_map(tap0: Tensor, tap1: Tensor, weights: Tensor, size: Sequence[int]) -> Tensor:
    """Compute Σ_c w_c (x̂_c - ŷ_c)² at every position, enlarged bilinearly; see `layer_distance`.

    Args:
        tap0: as there.
        tap1: as there.
        weights: as there.
        size: height and width of the map, px.

    Returns:
        N×1×H×W float32.
    """
    with torch.autocast(tap0.device.type, enabled=False):
        square = (unit_normalise(tap0) - unit_normalise(tap1)).square()
        weighed = functional.conv2d(square, weights.view(1, -1, 1, 1))
        return functional.interpolate(weighed, size=tuple(size), mode="bilinear", align_corners=False)
