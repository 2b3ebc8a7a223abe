"""What the field calls the figures of a metric: SSIM .93 where the distance is .07, PSNR 31 dB where it is -31."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """The figure that a metric is known by.

    Attributes:
        name: as people write it, with its unit.
        higher_is_more_alike: otherwise lower is.
        from_distance: from the distance that this project computes with.
    """

    name: str
    higher_is_more_alike: bool
    from_distance: Callable[[float], float]

    @property
    def heading(self) -> str:
        """The name, and an arrow to where images are more alike."""
        return f"{self.name} {'↑' if self.higher_is_more_alike else '↓'}"


_SIMILARITIES = {"ssim": "SSIM", "ms_ssim": "MS-SSIM", "fsim": "FSIMc", "haarpsi": "HaarPSI"}
_DISTANCES = {
    "l2": "MSE",
    "gmsd": "GMSD",
    "vif": "|1 − VIF|",  # VIF itself does not follow from it
    "dists": "DISTS",
    "lpips": "LPIPS",
}


def quantity(metric: str) -> Quantity:
    """The figure that a metric, by its name, is known by; of a checkpoint and the like its distance."""
    if metric == "psnr":
        return Quantity("PSNR, dB", True, lambda distance: -distance)
    if metric in _SIMILARITIES:
        return Quantity(_SIMILARITIES[metric], True, lambda distance: 1 - distance)
    return Quantity(_DISTANCES.get(metric, metric), False, lambda distance: distance)
