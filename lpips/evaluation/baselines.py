"""Distances that need no training. A metric takes two batches of images and returns distances.

The library piq computes all but the squared difference and PSNR. Here its similarities become distances (larger is less
similar) of images in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError

Metric: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Two float tensors N×3×H×W in [-1, 1], the reference first → distances, shape (N,); larger is less similar."""

BASELINES: dict[str, Metric] = {}
"""Name → metric, filled by the functions below."""

MS_SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales, finest first (Wang, Simoncelli and Bovik 2003)."""


def _baseline(metric: Metric) -> Metric:
    BASELINES[metric.__name__] = metric
    return metric


@_baseline
def l2(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute the mean squared difference of RGB values in [-1, 1]."""
    return (image0 - image1).square().mean(dim=(1, 2, 3))


@_baseline
def psnr(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute the negative peak signal-to-noise ratio, -10·log10(4 / mean squared difference), dB. It ranks as `l2`.

    Equal images, whose ratio is infinite, get -200 dB. That is less than for any two images that differ by one level in
    one pixel.
    """
    return 10 * torch.log10(l2(image0.double(), image1.double()) / 4 + 1e-20).to(image0.dtype)


@_baseline
def ssim(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute 1 - SSIM (Wang et al. 2004), averaged over RGB channels.

    Gaussian window 11×11, σ 1.5, K1 0.01, K2 0.03, biased covariances, mean over positions where the window fits. These
    are scikit-image's `gaussian_weights=True`, `use_sample_covariance=False` with a cropped mean. In float32, variances
    have an error of about 1e-7 and the result of up to 2e-4. float64 would take fifty times as long.
    """
    import piq

    first, second = _unit(image0, image1, 11, "SSIM")
    return 1 - torch.as_tensor(piq.ssim(first, second, downsample=False, reduction="none"))


@_baseline
def ms_ssim(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute 1 - MS-SSIM (Wang, Simoncelli and Bovik 2003), with the finest scales that fit, at most five.

    The published window of 11 px allows three scales for 64 px, halved each time, and five for 161 px. Weights are the
    published ones, scaled to sum to 1.
    """
    import piq

    first, second = _unit(image0, image1, 11, "MS-SSIM")
    fit = sum(min(first.shape[2:]) >= 10 * 2**k + 1 for k in range(5))
    weights = torch.tensor(MS_SSIM_WEIGHTS[:fit], dtype=first.dtype, device=first.device)
    return 1 - piq.multi_scale_ssim(first, second, scale_weights=weights, reduction="none")


@_baseline
def fsim(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute 1 - FSIMc, with colour (Zhang, Zhang, Mou and Zhang 2011)."""
    import piq

    return 1 - piq.fsim(*_unit(image0, image1, 16, "FSIM"), reduction="none")


@_baseline
def gmsd(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute the gradient magnitude similarity deviation (Xue, Zhang, Mou and Bovik 2014)."""
    import piq

    return piq.gmsd(*_unit(image0, image1, 8, "GMSD"), reduction="none")


@_baseline
def mdsi(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute the mean deviation similarity index (Ziaei Nafchi, Shahkolaei, Hedjam and Cheriet 2016).

    It is a distance in spite of its name, and not symmetric.
    """
    import piq

    return piq.mdsi(*_unit(image0, image1, 8, "MDSI"), reduction="none")


@_baseline
def vif(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute |1 - VIF|, with VIF in the pixel domain (Sheikh and Bovik 2006). It is not symmetric.

    An image with more contrast than the reference has a VIF above 1. It is as different from it as one with less.
    """
    import piq

    reference, distorted = _unit(image0, image1, 41, "VIF")
    return (1 - piq.vif_p(distorted, reference, reduction="none")).abs()


@_baseline
def haarpsi(image0: Tensor, image1: Tensor) -> Tensor:
    """Compute 1 - HaarPSI (Reisenhofer, Bosse, Kutyniok and Wiegand 2018)."""
    import piq

    # In float64 it is 0 for equal images. Without any structure in both images it is undefined, and 0 here.
    first, second = _unit(image0.double(), image1.double(), 16, "HaarPSI")
    return (1 - piq.haarpsi(first, second, reduction="none")).nan_to_num(0.0, 0.0, 0.0).clamp(min=0).to(image0.dtype)


def dists() -> Metric:
    """Make the metric DISTS (Ding, Ma, Wang and Simoncelli 2020). Its weights are downloaded.

    Raises:
        BappsmithError: the download fails.
    """
    import piq

    try:
        network = piq.DISTS(reduction="none").eval()
    except (OSError, RuntimeError) as error:  # urllib's errors are OSErrors; a bad hash is a RuntimeError
        raise BappsmithError(
            f"the weights of DISTS cannot be downloaded ({error}); leave out --metric dists, or put the files of VGG16 "
            f"and DISTS into {torch.hub.get_dir()}/checkpoints"
        ) from error

    def metric(image0: Tensor, image1: Tensor) -> Tensor:
        first, second = _unit(image0, image1, 16, "DISTS")
        return network.to(first.device)(first, second).reshape(-1)

    return metric


def _unit(image0: Tensor, image1: Tensor, side: int, name: str) -> tuple[Tensor, Tensor]:
    """Scale both images to [0, 1], and clip rounding errors.

    Raises:
        BappsmithError: a side is shorter than `side`, the minimum of the metric.
    """
    if min(image0.shape[2:]) < side:
        size = f"{image0.shape[3]}×{image0.shape[2]}"
        raise BappsmithError(f"{name} needs images of at least {side}×{side} px, found {size}")
    return ((image0 + 1) / 2).clamp(0, 1), ((image1 + 1) / 2).clamp(0, 1)
