"""Distort images with one operator, or with a chain."""

from __future__ import annotations

from bappsmith.manifests.schema.call import Chain

from .compose import apply_chain
from .image import Image
from .random import Draws
from .registry import operator


def distort(image: Image, name: str, severity: float = 0.5, seed: int = 0) -> Image:
    """Distort one image with one operator.

    Args:
        image: uint8 H×W×3 RGB; it is not changed.
        name: of a registered operator, such as "jpeg".
        severity: in [0, 1]; 0 returns the image itself.
        seed: of all random parameters; the same seed gives the same pixels.

    Returns:
        uint8 H×W×3 RGB of the same shape.

    Raises:
        BappsmithError: the operator is unknown, severity is outside of [0, 1], or the image has another form.
    """
    return apply_chain(image, Chain((operator(name).call(severity, Draws(seed), min(image.shape[:2])),)))
