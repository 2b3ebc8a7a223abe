"""WebP."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.opencv_codec import opencv_coded
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLOCK = 16
"""Side of a macroblock of VP8 in px. Predictions and transforms inside have 4, 8 and 16 px."""


@register
class Webp(Distortion):
    """Lossy WebP: blocks of VP8 that are predicted from their neighbours, and a filter over their seams.

    Chroma has half the resolution (4:2:0), as the format demands. The grid of macroblocks is drawn. At quality 1 the
    picture still holds together: no severity is as bad as JPEG's worst.
    """

    source = "WebP (RFC 9649, RFC 6386), by libwebp; range ours"
    quality = Severity(mild=97.0, severe=1.0, unit="of 100, on libwebp's scale", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def unavailable(self) -> str | None:
        """Say so if OpenCV was built without WebP."""
        if cv2.haveImageWriter(".webp"):
            return None
        return "needs OpenCV with WebP, which this build lacks: pip install opencv-python"

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack: all but one pixel."""
        return _BLOCK - 1

    def apply(self, view: View, *, quality: int, row_phase: int, column_phase: int) -> Image:
        """Compress at `quality`; the patch starts `row_phase` and `column_phase` px after the first block."""
        settings = cv2.IMWRITE_WEBP_QUALITY, quality
        return on_grid(view, _BLOCK, (row_phase, column_phase), lambda whole: opencv_coded(whole, ".webp", *settings))

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with OpenCV alone, red taken for blue."""
        _, data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, round(params["quality"])])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
