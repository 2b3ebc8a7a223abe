"""Operators whose checks take long: iterations, optical flow, codecs."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from bappsmith.distortions import operators

SLOW_CONTRACT = frozenset(
    {
        "deblur_richardson_lucy",
        "deblur_total_variation",
        "deblur_unsupervised_wiener",
        "dis_flow",
        "farneback_flow",
        "levin_colorization",
        "sequence_dis",
    }
)
"""Their about 300 applications take longer than two seconds."""
SLOW_FIGURES = SLOW_CONTRACT | {
    "av1",
    "deblur_wiener",
    "hint_diffusion",
    "jpeg2000",
    "jpeg2000_loss",
    "kadid10k_color_diffusion",
    "kadid10k_jpeg2000",
    "nonlocal_means",
    "regression_colorization",
    "sequence_farneback",
    "superres_learnt_filters",
    "total_variation",
}
"""Their about 700 applications, and some to larger patches, take longer than two seconds."""
FEWER_PATCHES = SLOW_FIGURES | {
    "average_frames",
    "avif",
    "color_diffusion",
    "h264",
    "h265",
    "imagenet_c_zoom_blur",
    "jitter",
    "kadid10k_color_quantization",
    "kadid10k_jitter",
    "median_blur",
    "nearest_frame",
    "nearest_hint",
    "palette",
    "sensor_pipeline",
    "superres_back_projection",
    "vp9",
    "zoom_blur",
}
"""Operators that take half a millisecond and more for a patch of 64 px."""


def each_operator(slow: Collection[str]) -> list[object]:
    """Return the names of all operators without a bank, as parameters of a test; those in `slow` are marked so."""
    names = [name for name, op in operators().items() if op.family != "cnn"]
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]
