"""JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.jpeg_codec import BLOCKS, SAMPLING, jpeg_coded, phase_of
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Jpeg(Distortion):
    """Baseline JPEG, encoded and decoded in memory.

    Blocks are 8×8 px for luma; with 4:2:0, chroma has half the resolution and blocks of 16×16 px. A patch is a crop of
    a photograph, so its blocks start anywhere: the grid is drawn. The pixels that complete the blocks on the border of
    the patch are those of the photograph.
    """

    source = "Zhang et al. 2018, Table 2 (Compression: JPEG); range not published"
    quality = Severity(mild=90.0, severe=5.0, unit="of 100, on libjpeg's scale", scale="log", whole=True)
    sampling = SAMPLING
    row_phase = phase_of("sampling")
    column_phase = phase_of("sampling")

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack: all but one pixel."""
        return BLOCKS[str(params["sampling"])] - 1

    def apply(self, view: View, *, quality: int, sampling: str, row_phase: int, column_phase: int) -> Image:
        """Compress at `quality`; the patch starts `row_phase` and `column_phase` px after the first block."""
        phase = row_phase, column_phase
        return on_grid(view, BLOCKS[sampling], phase, lambda whole: jpeg_coded(whole, quality, sampling))

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with OpenCV alone, red taken for blue."""
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(params["quality"])])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
