"""Move an image by whole pixels."""

from __future__ import annotations

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View


def translate(view: View, dx: int, dy: int) -> Image:
    """Move an image; the pixels around it come into view.

    Args:
        view: with a margin of at least |dx| and |dy|.
        dx: pixels to the right; negative: to the left.
        dy: pixels down; negative: up.

    Returns:
        Part of the view's image, not a copy: uint8 H×W×3.
    """
    height, width = view.shape
    top, left = view.margin - dy, view.margin - dx
    return view.image[top : top + height, left : left + width]
