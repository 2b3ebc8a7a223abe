"""Real surroundings are enough: a pixel does not depend on how much of the photograph the operator received."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from bappsmith.distortions import Distortion, Draws, Image, operators
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

SIDE = 64
"""Of the patch, px."""
MORE = (0, 32, 48)
"""Px around the patch that a later operator needs: whole blocks of JPEG."""
LARGE = natural_views(1, SIDE, 208)[0].image
NOISE = "draws its noise for the whole view"
CODEC = "predicts blocks from earlier ones"
DEPENDENT = {
    "avif": CODEC,
    "av1": CODEC,
    "block_loss": "draws the lost blocks of the whole view",
    "demosaicing": "has a whole number of the sensor's pixels in the view",
    "error_diffusion_dither": "spreads errors from the first pixel on",
    "glass_blur": NOISE,
    "h264": CODEC,
    "h265": CODEC,
    "jitter": NOISE,
    "jpeg2000": "reaches an error of the whole view",
    "jpeg2000_loss": "draws the lost packets of the whole view",
    "kadid10k_color_shift": "weighs by the steepest place of the view",
    "masked_noise": NOISE,
    "palette": "chooses colours for the whole view",
    "row_jitter": NOISE,
    "sensor_pipeline": NOISE,
    "sparse_sampling": "draws the lost pixels of the whole view",
    "vp9": CODEC,
    "webp": CODEC,
}
"""Operators whose result for a pixel depends on the whole view by intention, and why."""
ROUNDING = {"bicubic_resize": 1, "lanczos_resize": 1, "zoom_blur": 1, "imagenet_c_zoom_blur": 1}
"""Levels by which rounded weights and positions differ between views of another size."""
RING = {"double_jpeg", "jpeg", "kadid10k_jpeg", "imagenet_c_jpeg"}
"""The decoder interpolates chroma from the next block, so that the outermost pixels depend on whether one follows."""


def independent() -> list[str]:
    return [
        name
        for name, op in operators().items()
        if op.takes_view and all(_is_independent(one) for one in (op, *op.inner))
    ]


def _is_independent(op: Distortion) -> bool:
    networks_or_frames = op.family == "cnn" or op.degradation or op.neighbours
    return op.takes_view and not networks_or_frames and op.name not in DEPENDENT


def whole(op: Distortion, params: Params, more: int) -> Image:
    """Distort the patch and `more` px around it, with the margin that a chain would give."""
    margin = math.ceil(op.margin(SIDE, params) * (1 + 2 * more / SIDE))
    around = (LARGE.shape[0] - SIDE) // 2 - more - margin
    return op.distort([View(np.ascontiguousarray(trimmed(LARGE, around)), margin, (SIDE, SIDE))], [params])[0]


@pytest.mark.parametrize("name", independent())
def test_a_pixel_is_the_same_in_a_larger_view(name: str) -> None:
    op = operators()[name]
    for key, severity in enumerate((0.3, 0.7, 1.0)):
        params = op.sample(severity, Draws(key), SIDE)
        needed = (0, params["factor"], 2 * params["factor"]) if name == "chroma_subsampling" else MORE
        for less, more in pairwise(needed):
            small, large = whole(op, params, less), trimmed(whole(op, params, more), more - less)
            difference = np.abs(small.astype(int) - large)
            assert difference[1:-1, 1:-1].max() <= ROUNDING.get(name, 0), (params, more)
            assert name in RING or difference.max() <= ROUNDING.get(name, 0), (params, more)


@pytest.mark.parametrize("name", DEPENDENT)
def test_other_operators_keep_the_shape_of_a_larger_view(name: str) -> None:
    op = operators()[name]
    if reason := op.unavailable():
        pytest.skip(reason)
    params = op.sample(1.0, Draws(0), SIDE)
    assert whole(op, params, 48).shape == (SIDE + 96, SIDE + 96, 3)
