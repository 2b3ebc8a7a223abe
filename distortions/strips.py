"""Draw strips: one operator on a few patches, with increasing severity."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from bappsmith.manifests.schema.call import Chain

from .base import Distortion
from .compose import apply_chain
from .image import Image
from .random import Draws
from .view import View

LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_SHOWN = 128
"""Side in px to which smaller patches are enlarged, by a whole factor."""
_GAP = 4
_TITLE = 20


def severity_strip(op: Distortion, patches: Sequence[Image | View], levels: Sequence[float] = LEVELS) -> Image:
    """Draw a contact strip with a title: a row per patch, a column per severity.

    In a row, all parameters that do not depend on severity are the same.

    Args:
        op: a registered operator.
        patches: uint8 H×W×3 RGB, or views with surroundings, all of one shape.
        levels: severities in [0, 1]; 0 shows the patch itself.

    Returns:
        uint8 H×W×3 RGB, patches below 128 px enlarged by a whole factor.

    Raises:
        BappsmithError: the operator fails, or breaks its contract of shape and dtype.
    """
    enlarge = max(1, _SHOWN // min(patches[0].shape[:2]))
    height, width = (enlarge * side for side in patches[0].shape[:2])
    rows, columns = len(patches) * (height + _GAP) + _GAP, len(levels) * (width + _GAP) + _GAP
    strip = np.full((2 * _TITLE + rows, max(columns, 400), 3), 255, np.uint8)
    _write(strip, f"{op.name} ({op.family})", _GAP, _TITLE - 6)
    for column, level in enumerate(levels):
        left = _GAP + column * (width + _GAP)
        _write(strip, f"{level:g}", left, 2 * _TITLE - 6)
        for row, patch in enumerate(patches):
            top = 2 * _TITLE + _GAP + row * (height + _GAP)
            pixels = patch.centre if isinstance(patch, View) else patch
            call = op.call(level, Draws(row), min(pixels.shape[:2]))
            shown = apply_chain(patch, Chain((call,))) if level > 0 else pixels
            strip[top : top + height, left : left + width] = shown.repeat(enlarge, 0).repeat(enlarge, 1)
    return strip


def _write(strip: Image, text: str, left: int, baseline: int) -> None:
    cv2.putText(strip, text, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
