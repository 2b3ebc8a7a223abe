"""Distances that need no training, in the form of a metric: two batches in, distances out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from ..manifests.errors import BappsmithError

Metric: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Two float tensors N×3×H×W in [-1, 1] → distances, shape (N,); larger is less alike."""

BASELINES: dict[str, Metric] = {}
"""Name → metric, filled by the functions below."""


def _baseline(metric: Metric) -> Metric:
    BASELINES[metric.__name__] = metric
    return metric


@_baseline
def l2(image0: Tensor, image1: Tensor) -> Tensor:
    """Mean squared difference of RGB values in [-1, 1]; it ranks as PSNR does."""
    return (image0 - image1).square().mean(dim=(1, 2, 3))


@_baseline
def ssim(image0: Tensor, image1: Tensor) -> Tensor:
    """1 - SSIM (Wang et al. 2004), averaged over RGB channels.

    Gaussian window 11×11, σ 1.5, K1 0.01, K2 0.03, biased covariances, values in [0, 255]; the mean is
    taken where the window fits. These are scikit-image's `gaussian_weights=True`,
    `use_sample_covariance=False` with a cropped mean.

    Raises:
        BappsmithError: a side is shorter than the window.
    """
    if min(image0.shape[2:]) < 11:
        raise BappsmithError(
            f"SSIM needs images of at least 11×11 px, found {image0.shape[2]}×{image0.shape[3]}"
        )
    offsets = torch.arange(-5, 6, dtype=image0.dtype, device=image0.device)
    window = torch.exp(-(offsets**2) / (2 * 1.5**2))
    window = window / window.sum()

    def blur(image: Tensor) -> Tensor:
        flat = image.reshape(-1, 1, *image.shape[2:])
        flat = functional.conv2d(functional.conv2d(flat, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1))
        return flat.view(*image.shape[:2], *flat.shape[2:])

    x, y = (image0 + 1) * 127.5, (image1 + 1) * 127.5
    # Differences to the mean of both images keep the variances exact in float32.
    offset = torch.cat((x, y), dim=2).mean(dim=(2, 3), keepdim=True)
    mean_x, mean_y = blur(x - offset), blur(y - offset)
    var_x, var_y = blur((x - offset) ** 2) - mean_x**2, blur((y - offset) ** 2) - mean_y**2
    covariance = blur((x - offset) * (y - offset)) - mean_x * mean_y
    mean_x, mean_y = mean_x + offset, mean_y + offset
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    numerator = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    similarity = numerator / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return 1 - similarity.mean(dim=(1, 2, 3))
