"""Distances of images to their originals, and paired differences of two ways to make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.lpips.evaluation.bootstrap import bootstrap, interval
from bappsmith.lpips.evaluation.scores import mean_statistic

Array = NDArray[np.float64]


def measure(metric: Callable[[Tensor, Tensor], Tensor], originals: Tensor, images: Tensor) -> Array:
    """Compute distances of images, N×3×H×W in [-1, 1], shape (N,), without gradients."""
    parts = zip(originals.split(64), images.split(64), strict=True)
    with torch.inference_mode():
        return torch.cat([metric(one, other).flatten().double() for one, other in parts]).cpu().numpy()


def differ(columns: Mapping[str, Array], photo: NDArray[np.intp], one: str, other: str) -> dict[str, Any]:
    """Compare two columns of distances image by image.

    Args:
        columns: way → distances of the same images, shape (N,).
        photo: number of the photograph of each image. Intervals resample photographs, and images within them.
        one: a way.
        other: the way to compare with it.

    Returns:
        `means` of both; `difference`, of `other` less `one`; `preferred`, the share of images on which `other` is
        nearer, ties count half; both with `mean`, `low` and `high` of the 95 % interval.
    """
    gaps = columns[other] - columns[one]
    shares = (gaps < 0) + 0.5 * (gaps == 0)
    drawn = bootstrap(len(gaps), {k: mean_statistic(v) for k, v in (("gap", gaps), ("share", shares))}, groups=photo)
    found: dict[str, Any] = {"means": {name: float(columns[name].mean()) for name in (one, other)}}
    for name, values, key in (("difference", gaps, "gap"), ("preferred", shares, "share")):
        ends = interval(drawn[key])
        found[name] = {"mean": float(values.mean()), "low": ends.low, "high": ends.high}
    return found
