"""24 of KADID-10k's 25 types of distortion, rebuilt at the parameters of its generator (Lin, Hosu and Saupe 2019).

`denoise` is missing: it adds strong noise and lets one certain network (DnCNN, of MATLAB) take it away, and its scores
are about what that network leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kadid_blur as blur
import kadid_colour as colour
import kadid_noise as noise
import numpy as np
from numpy.typing import NDArray

FAMILIES: dict[str, tuple[str, ...]] = {
    "blur": ("gaussian_blur", "lens_blur", "motion_blur"),
    "colour": ("color_diffusion", "color_shift", "color_quantization", "color_saturation1", "color_saturation2"),
    "compression": ("jpeg2000", "jpeg"),
    "noise": ("white_noise", "white_noise_color", "impulse_noise", "multiplicative_noise"),
    "brightness": ("brighten", "darken", "mean_shift"),
    "spatial": ("jitter", "non_eccentricity_patch", "pixelate", "quantization", "color_block"),
    "sharpness and contrast": ("high_sharpen", "contrast_change"),
}
"""Family → names of its types, in the order of KADID-10k."""

TYPES: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)
"""Names of the types that are rebuilt, in the order of KADID-10k."""

FIXED: dict[str, Callable[[Any, float], Any]] = {
    "gaussian_blur": blur.gaussian_blur,
    "lens_blur": blur.lens_blur,
    "color_diffusion": colour.color_diffusion,
    "color_quantization": colour.color_quantization,
    "color_saturation1": colour.color_saturation1,
    "color_saturation2": colour.color_saturation2,
    "jpeg2000": noise.jpeg2000,
    "jpeg": noise.jpeg,
    "brighten": colour.brighten,
    "darken": colour.darken,
    "mean_shift": colour.mean_shift,
    "pixelate": blur.pixelate,
    "quantization": colour.quantization,
    "high_sharpen": blur.high_sharpen,
    "contrast_change": colour.contrast_change,
}
"""Name → function of the image and the parameter."""

RANDOM: dict[str, Callable[[Any, float, np.random.Generator], Any]] = {
    "motion_blur": blur.motion_blur,
    "color_shift": colour.color_shift,
    "white_noise": noise.white_noise,
    "white_noise_color": noise.white_noise_color,
    "impulse_noise": noise.impulse_noise,
    "multiplicative_noise": noise.multiplicative_noise,
    "jitter": blur.jitter,
    "non_eccentricity_patch": blur.non_eccentricity_patch,
    "color_block": blur.color_block,
}
"""Name → function of the image, the parameter and a generator of random numbers."""


def distort(image: NDArray[np.uint8], name: str, parameter: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Distort an image.

    Args:
        image: uint8 RGB, H×W×3, at least 64 px a side; it is not modified.
        name: one of `TYPES`.
        parameter: the generator's parameter, in the units of the function of that name.
        rng: used by the types in `RANDOM`.

    Returns:
        A new uint8 image of the same shape.
    """
    pixels = image / 255
    distorted = RANDOM[name](pixels, parameter, rng) if name in RANDOM else FIXED[name](pixels, parameter)
    return np.round(distorted.clip(0, 1) * 255).astype(np.uint8)
