"""JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_FACTORS = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}
_BLOCKS = {"4:2:0": 16, "4:4:4": 8}
"""Side in px of the blocks that are encoded together."""
_PHASE = PerValue(
    "sampling",
    {"4:2:0": Nuisance(0, 15, unit="px", whole=True), "4:4:4": Nuisance(0, 7, unit="px", whole=True)},
)


@register
class Jpeg(Distortion):
    """Baseline JPEG, encoded and decoded in memory.

    Blocks are 8×8 px for luma; with 4:2:0, chroma has half the resolution and blocks of 16×16 px. A patch is a crop of
    a photograph, so its blocks start anywhere: the grid is drawn. The pixels that complete the blocks on the border of
    the patch are those of the photograph.
    """

    source = "Zhang et al. 2018, Table 2 (Compression: JPEG); range not published"
    quality = Severity(mild=90.0, severe=5.0, unit="of 100, on libjpeg's scale", scale="log", whole=True)
    sampling = Choice(("4:2:0", "4:4:4"), unit="resolution of chroma", weights=(3, 1))
    row_phase = _PHASE
    column_phase = _PHASE

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack: all but one pixel."""
        return _BLOCKS[str(params["sampling"])] - 1

    def apply(self, view: View, *, quality: int, sampling: str, row_phase: int, column_phase: int) -> Image:
        """Compress at `quality`; the patch starts `row_phase` and `column_phase` px after the first block."""
        block = _BLOCKS[sampling]
        (height, width), margin = view.shape, view.margin
        below, right = -(row_phase + height) % block, -(column_phase + width) % block
        whole = view.image[margin - row_phase : margin + height + below, margin - column_phase : margin + width + right]
        # OpenCV encodes BGR. Without the swap, luma would use the weight of red for blue.
        bgr = cv2.cvtColor(whole, cv2.COLOR_RGB2BGR)
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _FACTORS[sampling]]
        _, data = cv2.imencode(".jpg", bgr, settings)
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        patch = decoded[row_phase : row_phase + height, column_phase : column_phase + width]
        return np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2RGB), np.uint8)

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with OpenCV alone, red taken for blue."""
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(params["quality"])])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
