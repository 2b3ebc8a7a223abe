"""Show metrics as the field does: SSIM 0.93 for a distance of 0.07, PSNR 31 dB for a distance of -31."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """The usual figure of a metric.

    Attributes:
        name: usual name, with its unit.
        higher_is_more_alike: whether higher values mean more similar images.
        from_distance: function from the distance in this project to the figure.
    """

    name: str
    higher_is_more_alike: bool
    from_distance: Callable[[float], float]

    @property
    def heading(self) -> str:
        """The name, and an arrow that points to more similar images."""
        return f"{self.name} {'↑' if self.higher_is_more_alike else '↓'}"


_SIMILARITIES = {"ssim": "SSIM", "ms_ssim": "MS-SSIM", "fsim": "FSIMc", "haarpsi": "HaarPSI"}
_DISTANCES = {
    "l2": "MSE",
    "gmsd": "GMSD",
    "mdsi": "MDSI",
    "vif": "|1 − VIF|",  # VIF itself cannot be computed from it
    "dists": "DISTS",
    "lpips": "LPIPS",
}


def quantity(metric: str) -> Quantity:
    """Return the usual figure of a metric; for a checkpoint, its distance."""
    if metric == "psnr":
        return Quantity("PSNR, dB", True, lambda distance: -distance)
    if metric in _SIMILARITIES:
        return Quantity(_SIMILARITIES[metric], True, lambda distance: 1 - distance)
    return Quantity(_DISTANCES.get(metric, metric), False, lambda distance: distance)
