"""The type of images."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError

Image: TypeAlias = NDArray[np.uint8]
"""Pixels: uint8, H×W×3, RGB."""


def check_image(image: object, what: str) -> None:
    """Refuse everything except uint8 H×W×3.

    Args:
        image: the object to check.
        what: its role, for the error.

    Raises:
        BappsmithError: it has another type, dtype or shape.
    """
    if not isinstance(image, np.ndarray):
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {type(image).__name__}")
    array = cast("NDArray[Any]", image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise BappsmithError(f"{what}: expected uint8 H×W×3 (RGB), found {array.dtype} {array.shape}")
