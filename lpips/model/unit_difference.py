"""The comparison of form "local" as one step, with a gradient of its own.

The plain formula records a dozen operations per layer and keeps their results. In a loss they take as long as the
convolutions. This step keeps only its two inputs, which the trunk keeps anyway, and computes the rest again.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-10
"""Added to the length of a feature vector (reference code)."""


def mean_square_unit_difference(features0: Tensor, features1: Tensor) -> Tensor:
    """Compute the columns of form "local" for one tap: mean over space of (x̂ - ŷ)², for features of length 1.

    Equal to normalising, subtracting, squaring and averaging, up to rounding, with its gradients of any order. Where
    all channels of an image are 0, its features and their gradient are 0.

    Args:
        features0: of the first images, N×C×h×w float32, as the trunk gives them.
        features1: of the second images, the same shape; one of both may have N = 1.

    Returns:
        N×C float32.

    Examples:
        >>> mean_square_unit_difference(torch.tensor([3.0, 4.0]).view(1, 2, 1, 1), torch.zeros(1, 2, 1, 1))
        tensor([[0.3600, 0.6400]])
    """
    return _MeanSquareUnitDifference.apply(features0, features1)


class _MeanSquareUnitDifference(torch.autograd.Function):
    """x̂ = s x with s = 1 / (|x| + ε); for a gradient G of x̂, that of x is s G - x s² (G·x) / |x|."""

    @staticmethod
    def forward(ctx: Any, features0: Tensor, features1: Tensor) -> Tensor:
        ctx.save_for_backward(features0, features1)
        return _difference(features0, _factor(features0), features1, _factor(features1)).square_().mean(dim=(2, 3))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        (gradient,), (features0, features1) = gradients, ctx.saved_tensors
        first, second = ctx.needs_input_grad
        with torch.autocast(features0.device.type, enabled=False):
            return _gradients(gradient, features0, features1, first, second)


def _gradients(
    gradient: Tensor, features0: Tensor, features1: Tensor, first: bool, second: bool
) -> tuple[Tensor | None, Tensor | None]:
    factor0, factor1 = _factor(features0), _factor(features1)
    of_column = gradient[:, :, None, None] * (2 / (features0.shape[2] * features0.shape[3]))
    of_units = _difference(features0, factor0, features1, factor1).mul_(of_column)
    gradient1 = None
    if second:
        negative = -of_units.sum_to_size(features1.shape)
        gradient1 = _through_normalisation(negative, features1, factor1)
    gradient0 = _through_normalisation(of_units.sum_to_size(features0.shape), features0, factor0) if first else None
    return gradient0, gradient1


# Fresh memory costs more than a pass over it, so these work in place, on tensors that nothing else holds.


def _difference(features0: Tensor, factor0: Tensor, features1: Tensor, factor1: Tensor) -> Tensor:
    """Compute x̂ - ŷ, exactly 0 for equal features: a fused multiplication and addition would leave a rounding error."""
    if len(features0) < len(features1):
        return (features1 * factor1).neg_().add_(features0 * factor0)
    return (features0 * factor0).sub_(features1 * factor1)


def _through_normalisation(gradient: Tensor, features: Tensor, factor: Tensor) -> Tensor:
    """Return the gradient of x for that of x̂, which may be overwritten."""
    along = torch.einsum("nchw,nchw->nhw", gradient, features)[:, None]
    length = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    silent = length == 0
    along = along * factor.square() / (length + silent)
    # For gradients of gradients, autograd has kept this tensor.
    scaled = gradient * factor if torch.is_grad_enabled() else gradient.mul_(factor)
    return scaled.addcmul_(features, along, value=-1)


def _factor(features: Tensor) -> Tensor:
    """Compute 1 / (|x| + ε), N×1×h×w; 0 where x is 0."""
    length = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    silent = length == 0
    return torch.where(silent, 0.0, 1.0 / (length + silent + EPSILON))
