"""Operators of which a whole check takes longer than two seconds: iterations, networks, optical flow, video codecs."""

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
"""About 300 applications take that long."""
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
"""About 700 applications, and some to larger patches, take that long."""


def each_operator(slow: Collection[str]) -> list[object]:
    """Return the names of all operators without a bank, as parameters of a test; those in `slow` are marked so."""
    names = [name for name, op in operators().items() if op.family != "cnn"]
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]
