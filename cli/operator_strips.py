"""Strips of pictures: patches that an operator distorts at rising severity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bappsmith.distortions import Distortion, View

STRIPS = {64: (4, 64), 256: (2, 120)}
"""Side of the patches in strips, px → number of patches, px around them."""


def strip_views(side: int, photos: str | None = None) -> list[View]:
    """Return patches for strips: of a person's photographs, or of those inside scikit-image."""
    count, margin = STRIPS[side]
    if photos is None:
        from bappsmith.distortions.patches import natural_views

        return natural_views(count, side, margin)
    from bappsmith.pipeline.rendering.sample_views import sample_views

    return sample_views(photos, count, side, margin)


def write_strip(op: Distortion, views: list[View], out: Path, side: int) -> str:
    """Write the strip of an operator into a folder, which is made; return the path of the PNG file."""
    from PIL import Image

    from bappsmith.distortions.strips import severity_strip

    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{op.name}-{side}.png"
    Image.fromarray(severity_strip(op, views)).save(file)
    return str(file)
