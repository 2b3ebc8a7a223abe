"""Measure a Lipschitz constant from below: what is found must not exceed what the weights say."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.manifests.errors import BappsmithError

from .lipschitz_metric import LipschitzMetric

IMAGES = 8
"""Number of images."""
ITERATIONS = 20
"""Of the power iteration, and of the search."""
NEAR = 1e-3
"""Length of random differences, images in [-1, 1]."""
STEP = 0.5
"""First length of a step of the search, images in [-1, 1]; it falls to 0."""
TOLERANCE = 1e-5
"""Share of L by which rounding of float32 can lift a measurement above it."""


@dataclass(frozen=True)
class MeasuredConstant:
    """Lower bounds of L, images in [0, 1].

    Attributes:
        power_iteration: largest singular value of the Jacobian at images of the subset.
        random_pairs: largest |f(x) - f(y)| / |x - y| over pairs of images, and over images and small random changes.
        searched_pairs: the same after gradient ascent on both images.
    """

    power_iteration: float
    random_pairs: float
    searched_pairs: float

    def to_json(self) -> dict[str, float]:
        """Return JSON values."""
        return asdict(self)

    def refuse_above(self, constant: float, name: str) -> None:
        """Refuse a Lipschitz constant that a measurement exceeds.

        Args:
            constant: L, as the metric gives it.
            name: of the metric, for the error.

        Raises:
            BappsmithError: a measurement is above L by more than `TOLERANCE`, or NaN.
        """
        for method, found in self.to_json().items():
            if not found <= constant * (1 + TOLERANCE):
                raise BappsmithError(
                    f"metric {name}: its Lipschitz constant is said to be {constant:.7g}, but {method} found "
                    f"{found:.7g}; its certificates are invalid, do not use them"
                )


def measure_constant(metric: LipschitzMetric, subset: PackedSubset, *, seed: int = 0) -> MeasuredConstant:
    """Measure L on some images of a subset, in float64.

    Args:
        metric: an embedding. It is not changed.
        subset: its first images are taken, evenly spaced.
        seed: of random directions.
    """
    chosen = np.linspace(0, len(subset) - 1, min(len(subset), IMAGES)).astype(np.int64)
    images = subset.take(chosen).signed(0, len(chosen))[0].double().contiguous()
    generator = torch.Generator().manual_seed(seed)
    doubled = deepcopy(metric).cpu().double()
    with all_cores():
        return MeasuredConstant(
            _power_iteration(doubled, images, generator),
            _random_pairs(doubled, images, generator),
            _searched_pairs(doubled, images, generator),
        )


def _norm(batch: Tensor) -> Tensor:
    return batch.flatten(1).norm(dim=1)


def _ratio(metric: LipschitzMetric, one: Tensor, two: Tensor) -> Tensor:
    """Compute |f(x) - f(y)| / |x - y| for images in [-1, 1], in the unit of images in [0, 1]; shape (N,)."""
    return 2 * _norm(metric.embedding(one) - metric.embedding(two)) / _norm(one - two).clamp(min=1e-12)


def _power_iteration(metric: LipschitzMetric, images: Tensor, generator: torch.Generator) -> float:
    """Iterate v → JᵀJv per image. Jv is the derivative of Jᵀu by u, which is linear in u."""
    images = images.clone().requires_grad_()
    features = metric.embedding(images)
    dual = torch.zeros_like(features, requires_grad=True)
    (pulled,) = torch.autograd.grad(features, images, dual, create_graph=True)
    direction = torch.randn(images.shape, generator=generator, dtype=images.dtype)
    largest = 0.0
    for _ in range(ITERATIONS):
        direction = direction / _norm(direction).view(-1, 1, 1, 1)
        (pushed,) = torch.autograd.grad(pulled, dual, direction, retain_graph=True)
        largest = max(largest, 2 * float(_norm(pushed).max()))
        (direction,) = torch.autograd.grad(features, images, pushed, retain_graph=True)
    return largest


@torch.no_grad()
def _random_pairs(metric: LipschitzMetric, images: Tensor, generator: torch.Generator) -> float:
    noise = torch.randn(images.shape, generator=generator, dtype=images.dtype)
    near = images + NEAR * noise / _norm(noise).view(-1, 1, 1, 1)
    found = [_ratio(metric, images, near)]
    found += [_ratio(metric, one[None], two[None]) for one, two in pairwise(images)]
    return float(torch.cat(found).max())


def _searched_pairs(metric: LipschitzMetric, images: Tensor, generator: torch.Generator) -> float:
    noise = torch.randn(images.shape, generator=generator, dtype=images.dtype)
    one, two = images.clone(), images + noise / _norm(noise).view(-1, 1, 1, 1)
    largest = 0.0
    for step in range(ITERATIONS):
        one.requires_grad_()
        two.requires_grad_()
        ratio = _ratio(metric, one, two)
        largest = max(largest, float(ratio.detach().max()))
        gradients = torch.autograd.grad(ratio.sum(), (one, two))
        length = STEP * (1 - step / ITERATIONS)
        one, two = (
            (image + length * gradient / _norm(gradient).clamp(min=1e-12).view(-1, 1, 1, 1)).detach().clamp(-1, 1)
            for image, gradient in zip((one, two), gradients, strict=True)
        )
    return largest
