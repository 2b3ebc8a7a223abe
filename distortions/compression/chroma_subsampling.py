"""Chroma subsampling."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_LARGEST = 24
_UPSAMPLING = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR_EXACT}


@register
class ChromaSubsampling(Distortion):
    """Chroma (Cb and Cr of ITU-R BT.601) is averaged over blocks and enlarged again; luma stays.

    Blocks of 2×2 px are 4:2:0, and those of 4 px along a row are 4:1:1. Larger ones occur in no standard: colours bleed
    visibly from factors of about 8 on. Blocks start anywhere. Even the severe end is far from severe, because people
    see little detail in colour.
    """

    source = "ITU-T T.81 and T.871, sampling factors of chroma; ITU-R BT.601; larger factors ours"
    factor = Severity(mild=2, severe=_LARGEST, unit="px per sample of chroma", scale="log", whole=True)
    direction = Choice(
        ("both", "row"), unit="where chroma has fewer samples: along rows and columns, or rows", weights=(3, 1)
    )
    upsampling = Choice(tuple(_UPSAMPLING), unit="how chroma is enlarged")
    row_phase = Nuisance(0, _LARGEST - 1, unit="px, modulo the factor", whole=True)
    column_phase = Nuisance(0, _LARGEST - 1, unit="px, modulo the factor", whole=True)

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack, and one block more for the interpolation."""
        return 2 * params["factor"] - 1

    def apply(
        self, view: View, *, factor: int, direction: str, upsampling: str, row_phase: int, column_phase: int
    ) -> Image:
        """Average chroma over `factor` px; the patch starts `row_phase` and `column_phase` px after a block."""
        rows = factor if direction == "both" else 1
        phase = row_phase % factor, column_phase % factor
        return on_grid(
            view, factor, phase, lambda whole: _subsampled(whole, rows, factor, _UPSAMPLING[upsampling]), guard=factor
        )


def _subsampled(image: Image, rows: int, columns: int, upsampling: int) -> Image:
    """Average chroma over blocks of `rows`×`columns` px that divide the image, and enlarge it again."""
    height, width = image.shape[:2]
    coded = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    few = cv2.resize(coded, (width // columns, height // rows), interpolation=cv2.INTER_AREA)
    enlarged = np.asarray(cv2.resize(few, (width, height), interpolation=upsampling), np.uint8)
    enlarged[..., 0] = coded[..., 0]
    return np.asarray(cv2.cvtColor(enlarged, cv2.COLOR_YCrCb2RGB), np.uint8)
