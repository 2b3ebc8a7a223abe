"""JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue, Severity
from bappsmith.distortions.registry import register

_FACTORS = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}
_PHASE = PerValue(
    "sampling",
    {"4:2:0": Nuisance(0, 15, unit="px", whole=True), "4:4:4": Nuisance(0, 7, unit="px", whole=True)},
)


@register
class Jpeg(Distortion):
    """Baseline JPEG, encoded and decoded in memory.

    Blocks are 8×8 px for luma; with 4:2:0, chroma has half the resolution and blocks of 16×16 px. A patch is a crop of
    a photograph, so its blocks start anywhere: the grid is drawn. The pixels that complete the blocks on the border of
    the patch are mirrored, the border included: with real pixels, the error on the border would be the same to 5 %.
    """

    source = "Zhang et al. 2018, Table 2 (Compression: JPEG); range not published"
    quality = Severity(mild=90.0, severe=5.0, unit="of 100, on libjpeg's scale", scale="log", whole=True)
    sampling = Choice(("4:2:0", "4:4:4"), unit="resolution of chroma", weights=(3, 1))
    row_phase = _PHASE
    column_phase = _PHASE

    def apply(self, image: Image, *, quality: int, sampling: str, row_phase: int, column_phase: int) -> Image:
        """Compress at `quality`; the patch starts `row_phase` and `column_phase` px after the first block."""
        # OpenCV encodes BGR. Without the swap, luma would use the weight of red for blue.
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        block = 16 if sampling == "4:2:0" else 8
        height, width = image.shape[:2]
        below, right = -(row_phase + height) % block, -(column_phase + width) % block
        if row_phase or column_phase or below or right:
            bgr = cv2.copyMakeBorder(bgr, row_phase, below, column_phase, right, cv2.BORDER_REFLECT)
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _FACTORS[sampling]]
        _, data = cv2.imencode(".jpg", bgr, settings)
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        patch = decoded[row_phase : row_phase + height, column_phase : column_phase + width]
        return np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2RGB), np.uint8)
