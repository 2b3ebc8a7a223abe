"""Codecs of Pillow, in memory."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as PIL
from PIL import features

from bappsmith.distortions.image import Image


def pillow_lacks(feature: str, name: str) -> str | None:
    """Return that this build of Pillow lacks a codec; None if it has it. See `Distortion.unavailable`.

    Args:
        feature: Pillow's name of the codec.
        name: what people call it.
    """
    if features.check(feature):
        return None
    return f"needs Pillow with {name}, which this build lacks: pip install -U pillow (11.3 or later, from its wheel)"


def pillow_coded(image: Image, format_: str, **settings: Any) -> Image:
    """Encode an image and decode it.

    Args:
        image: uint8 H×W×3 RGB.
        format_: Pillow's name of the format.
        settings: of Pillow's encoder.

    Returns:
        A new image, uint8 H×W×3 RGB.
    """
    file = io.BytesIO()
    PIL.fromarray(image).save(file, format_, **settings)
    with PIL.open(file) as decoded:
        return np.array(decoded.convert("RGB"))
